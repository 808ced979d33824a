/** Charts of one bar a row: upright columns where their labels fit, else bars that lie below their labels. */

import type { Query } from '../../plan/query.ts';
import { heading, readableNumber } from '../readable.ts';
import { displayWidth, truncateToWidth } from '../terminal/display_width.ts';
import { base, type Chart, categoryAxis, describe, gridWithAxes, type Point, phoneWidth } from './chart.ts';
import type { Colours } from './colours.ts';

/** More bars than this cannot be read at a glance. */
export const maximumBars = 20;

/** Draws columns where their labels do not touch, else bars. */
export function barChart(query: Query, points: readonly Point[], colours: Colours): Chart {
  return query.chart.series === undefined && fitAsColumns(points)
    ? columns(query, points, colours)
    : bars(query, points, colours);
}

/** True when the labels of columns do not touch on a phone, where numbers are drawn a little smaller. */
function fitAsColumns(points: readonly Point[]): boolean {
  const widest = Math.max(
    ...points.flatMap(({ category, value }) => [category.length, readableNumber(value).length]),
  );
  return points.length * (widest + 1) <= phoneWidth + 10;
}

function columns(query: Query, points: readonly Point[], colours: Colours): Chart {
  return {
    height: 280,
    description: describe('Column chart', query, points),
    option: {
      ...base(colours),
      grid: { ...gridWithAxes, right: 4, top: 28 },
      xAxis: { ...categoryAxis(colours), data: points.map(({ category }) => category) },
      yAxis: { type: 'value', show: false },
      series: [
        {
          ...barSeries(query, points, colours, columnLabel),
          label: { show: true, position: 'top', color: colours.text, fontSize: 12, fontWeight: 600 },
        },
      ],
    },
  };
}

/** Horizontal bars, each below its label, so that names have the chart's whole width. */
function bars(query: Query, points: readonly Point[], colours: Colours): Chart {
  const drawn = points.length > maximumBars ? largest(points, maximumBars) : points;
  return {
    height: 22 + 38 * Math.max(1, drawn.length),
    description: describe('Bar chart', query, drawn),
    ...(drawn.length < points.length && {
      leftOut: `The ${drawn.length} largest of ${readableNumber(points.length)} are drawn; the table has them all.`,
    }),
    option: {
      ...base(colours),
      grid: { left: 0, right: 0, top: 20, bottom: 2, outerBoundsMode: 'none' },
      xAxis: { type: 'value', show: false, min: 0 },
      yAxis: {
        type: 'category',
        show: false,
        inverse: true,
        data: drawn.map(({ category }) => category),
      },
      series: [
        {
          ...barSeries(query, drawn, colours, barLabel),
          barWidth: 12,
          label: { show: true, position: [0, -16], color: colours.text, fontSize: 12 },
        },
      ],
    },
  };
}

function barSeries(
  query: Query,
  points: readonly Point[],
  colours: Colours,
  label: (point: Point) => string,
) {
  return {
    type: 'bar',
    id: query.chart.value,
    name: heading(query.chart.value),
    color: colours.series[0],
    barMaxWidth: 56,
    barCategoryGap: '28%',
    itemStyle: { borderRadius: 3 },
    data: points.map((point) => ({
      name: [point.category, point.series]
        .filter((name) => name !== undefined)
        .map((name) => truncateToWidth(name, phoneWidth))
        .join(' · '),
      value: point.value,
      label: { formatter: literal(label(point)) },
    })),
  } as const;
}

/** Labels a column with its number; the axis has its name. */
function columnLabel({ value }: Point): string {
  return readableNumber(value);
}

/** Labels a bar with names and number, truncated to a phone's width. */
function barLabel({ category, value, series }: Point): string {
  const number = readableNumber(value);
  const room = phoneWidth - number.length - 2;
  if (series === undefined) {
    return `${truncateToWidth(category, room)}  ${number}`;
  }
  const half = Math.floor((room - 3) / 2);
  const forCategory = Math.max(half, room - 3 - displayWidth(series));
  const first = truncateToWidth(category, forCategory);
  return `${first} · ${truncateToWidth(series, room - 3 - displayWidth(first))}  ${number}`;
}

/** The largest points in descending order; equal ones keep their order. */
function largest(points: readonly Point[], number: number): readonly Point[] {
  return points.toSorted((a, b) => b.value - a.value).slice(0, number);
}

/** ECharts reads `{b}` in a label as a template: a word joiner after each brace keeps names as they are. */
function literal(label: string): string {
  return label.replaceAll('{', '{\u2060');
}
