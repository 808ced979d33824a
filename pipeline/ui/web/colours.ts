/** The colours of charts on light and dark pages; style.css has the same for the rest of the page. */

export interface Colours {
  /** Main text. */
  readonly text: string;
  /** Secondary text; contrast of at least 4.5 : 1 with the surface. */
  readonly muted: string;
  /** Axes and grid lines. */
  readonly guide: string;
  /** The background of the chart. */
  readonly surface: string;
  /** One a series, of different lightness; contrast of at least 3 : 1 with the surface. */
  readonly series: readonly string[];
}

export const light: Colours = {
  text: '#1d1b20',
  muted: '#5f5a66',
  guide: '#e4e0e8',
  surface: '#ffffff',
  series: ['#b3123f', '#1f6fb2', '#8a5a00', '#4b2a86', '#0b7a5b', '#6b6f76'],
};

export const dark: Colours = {
  text: '#f2eef5',
  muted: '#b6afbf',
  guide: '#3a3641',
  surface: '#211e26',
  series: ['#ff7d9c', '#7cc0f5', '#f0b95a', '#bfa2f5', '#5fd3ae', '#b9bdc4'],
};
