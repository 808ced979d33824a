/** The colours of charts, for light and dark pages; style.css holds the same for the page around them. */

export interface Colours {
  /** Text that matters. */
  readonly text: string;
  /** Text beside it; at least 4.5 : 1 against the surface. */
  readonly muted: string;
  /** Lines that only guide the eye. */
  readonly guide: string;
  /** What the chart lies on. */
  readonly surface: string;
  /** One for each series, told apart by lightness too; at least 3 : 1 against the surface. */
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
