/**
 * The parts that all charts share. An ECharts option is plain data here, with no functions, so that it can be put
 * into a page or sent to one.
 */

import type { Query } from '../../plan/query.ts';
import { heading, readableNumber } from '../readable.ts';
import type { Colours } from './colours.ts';

/** An answer's chart. */
export interface Chart {
  readonly option: ChartOption;
  /** The height that it needs, in CSS pixels; it takes whatever width there is. */
  readonly height: number;
  /** The chart in words, for those who do not see it. */
  readonly description: string;
  /** Says which rows are not drawn and why, where some are left out. */
  readonly leftOut?: string;
}

/** The part of an ECharts option that charts here share; plain data. */
export interface ChartOption {
  readonly [component: string]: unknown;
  readonly series: readonly {
    readonly type: 'bar' | 'line';
    /** The same from one drawing to the next, so that ECharts animates the change. */
    readonly id: string;
    readonly [setting: string]: unknown;
  }[];
}

/** A row as far as a chart needs it. */
export interface Point {
  readonly category: string;
  readonly value: number;
  readonly series: string | undefined;
}

/** The number of characters that fit side by side into a chart on a phone. */
export const phoneWidth = 38;

/** The room around a chart with axes, whose labels are inside it. */
export const gridWithAxes = { left: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };

export function base(colours: Colours) {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: {
      fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
      color: colours.text,
    },
    tooltip: { ...tooltip(colours), trigger: 'item' },
  } as const;
}

export function tooltip(colours: Colours) {
  return {
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.guide,
    textStyle: { color: colours.text, fontSize: 13 },
    // No formatter: ECharts then writes names as text, never as HTML, and numbers with separators.
  } as const;
}

export function categoryAxis(colours: Colours) {
  return {
    type: 'category',
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colours.guide } },
    axisLabel: { color: colours.text, fontSize: 13, hideOverlap: true },
  } as const;
}

/** The most points that a description lists; the table has the rest. */
const describedPoints = 6;

/** A chart in words: its kind, its question and its first points. */
export function describe(kind: string, { title, chart }: Query, points: readonly Point[]): string {
  const listed = points
    .slice(0, describedPoints)
    .map(({ category, value, series }) =>
      [category, series, readableNumber(value)].filter(Boolean).join(', '),
    );
  const rest =
    points.length > describedPoints ? `; and ${readableNumber(points.length - describedPoints)} more` : '';
  const shown = points.length === 0 ? 'No rows' : `${listed.join('; ')}${rest}`;
  return `${kind}: ${title} ${heading(chart.value)} by ${heading(chart.category).toLowerCase()}. ${shown}. The table below has all numbers.`;
}
