/**
 * How an answer is drawn: a query's chart and the answer's rows → an ECharts option.
 * The option is plain data, with no functions, so that it can be put into a page or sent to one.
 */

import type { Row } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import { columnType, type Value } from '../../plan/types.ts';
import { heading, readableNumber, readableValue } from '../readable.ts';
import { cutToWidth, textWidth } from '../terminal/text_width.ts';
import type { Colours } from './colours.ts';

/** More bars than this cannot be read at a glance. */
export const mostBars = 20;

/** What is drawn of an answer. */
export interface ChartOfAnswer {
  readonly option: ChartOption;
  /** The height it needs, in CSS pixels; it takes whatever width there is. */
  readonly height: number;
  /** What the chart shows, in words: its text for those who do not see it. */
  readonly description: string;
  /** What is not drawn and why, where something is left out. */
  readonly leftOut?: string;
}

/** The part of an ECharts option that charts here share; plain data. */
export interface ChartOption {
  readonly [component: string]: unknown;
  readonly series: readonly {
    readonly type: 'bar' | 'line';
    /** The same from one drawing to the next: what is drawn moves to its new place. */
    readonly id: string;
    readonly [setting: string]: unknown;
  }[];
}

/** A row as far as a chart needs it. */
interface Point {
  readonly category: string;
  readonly value: number;
  readonly series: string | undefined;
}

/** Draws the rows of a query's answer in the colours of a page. */
export function chartOfAnswer(query: Query, rows: readonly Row[], colours: Colours): ChartOfAnswer {
  const points = pointsOf(query, rows);
  switch (query.chart.kind) {
    case 'lines':
      return lines(query, points, colours);
    case 'bars':
      return query.chart.series === undefined && fitAsColumns(points)
        ? columns(query, points, colours)
        : bars(query, points, colours);
  }
}

/** Whether the numbers on upright columns stay apart on a phone, whose numbers are a little smaller there. */
function fitAsColumns(points: readonly Point[]): boolean {
  const widest = Math.max(
    ...points.flatMap(({ category, value }) => [category.length, readableNumber(value).length]),
  );
  return points.length * (widest + 1) <= phoneWidth + 10;
}

function pointsOf({ chart, schema }: Query, rows: readonly Row[]): Point[] {
  const text = (row: Row, column: string) => readableValue(row[column] ?? null, columnType(schema, column));
  return rows.flatMap((row) => {
    const value: Value = row[chart.value] ?? null;
    return typeof value === 'number'
      ? [
          {
            category: text(row, chart.category),
            value,
            series: chart.series === undefined ? undefined : text(row, chart.series),
          },
        ]
      : [];
  });
}

function columns(query: Query, points: readonly Point[], colours: Colours): ChartOfAnswer {
  return {
    height: 280,
    description: described('Column chart', query, points),
    option: {
      ...base(colours),
      grid: {
        left: 4,
        right: 4,
        top: 28,
        bottom: 4,
        outerBoundsMode: 'same',
        outerBoundsContain: 'axisLabel',
      },
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

/** Lying bars, each below a line of text, so that names have the chart's whole width. */
function bars(query: Query, points: readonly Point[], colours: Colours): ChartOfAnswer {
  const drawn = points.length > mostBars ? largest(points, mostBars) : points;
  return {
    height: 22 + 38 * Math.max(1, drawn.length),
    description: described('Bar chart', query, drawn),
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
        .flatMap((text) => text ?? [])
        .map(shortened)
        .join(' · '),
      value: point.value,
      label: { formatter: literal(label(point)) },
    })),
  } as const;
}

/** A column is labelled with its number, its name being below it. */
function columnLabel({ value }: Point): string {
  return readableNumber(value);
}

/** A bar is labelled with all there is to it, cut to a phone's width. */
function barLabel({ category, value, series }: Point): string {
  const number = readableNumber(value);
  const room = phoneWidth - number.length - 2;
  if (series === undefined) {
    return `${cutToWidth(category, room)}  ${number}`;
  }
  const half = Math.floor((room - 3) / 2);
  const forCategory = Math.max(half, room - 3 - textWidth(series));
  const first = cutToWidth(category, forCategory);
  return `${first} · ${cutToWidth(series, room - 3 - textWidth(first))}  ${number}`;
}

/** So many characters stand beside each other in a chart on a phone. */
const phoneWidth = 38;

/** A name short enough for a tooltip. */
function shortened(name: string): string {
  return cutToWidth(name, phoneWidth);
}

/** A line for each series, over categories in the order of the rows; a gap where a series has no value. */
function lines(query: Query, points: readonly Point[], colours: Colours): ChartOfAnswer {
  const categories = unique(points.map(({ category }) => category));
  const names = unique(points.map(({ series }) => series ?? heading(query.chart.value)));
  const many = names.length > 1;
  const valueAt = new Map(
    points.map((point) => [pairKey(point.series ?? heading(query.chart.value), point.category), point.value]),
  );
  return {
    height: many ? 340 : 280,
    description: described('Line chart', query, points),
    option: {
      ...base(colours),
      tooltip: { ...tooltip(colours), trigger: 'axis' },
      ...(many && {
        legend: {
          ...legend(colours),
          type: names.length > 6 ? 'scroll' : 'plain',
          data: names.map((name) => ({ name })),
        },
      }),
      grid: {
        left: 4,
        right: 20,
        top: many ? 52 : 24,
        bottom: 4,
        outerBoundsMode: 'same',
        outerBoundsContain: 'axisLabel',
      },
      xAxis: { ...categoryAxis(colours), boundaryGap: false, data: categories },
      yAxis: {
        type: 'value',
        min: 0,
        splitNumber: 4,
        axisLabel: { color: colours.muted, fontSize: 12 },
        splitLine: { lineStyle: { color: colours.guide } },
      },
      series: names.map((name, index) => ({
        type: 'line',
        id: name,
        name,
        color: colours.series[index % colours.series.length],
        lineStyle: { width: 2.5, type: index < colours.series.length ? 'solid' : 'dashed' },
        symbol: symbols[index % symbols.length],
        symbolSize: 8,
        ...(!many && { areaStyle: { opacity: 0.12 } }),
        data: categories.map((category) => valueAt.get(pairKey(name, category)) ?? null),
      })),
    },
  };
}

/** Lines are told apart by these too, not by colour alone. */
const symbols = ['circle', 'rect', 'triangle', 'diamond'] as const;

/** A key for two texts that no other two texts share. */
function pairKey(first: string, second: string): string {
  return JSON.stringify([first, second]);
}

function base(colours: Colours) {
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

function tooltip(colours: Colours) {
  return {
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.guide,
    textStyle: { color: colours.text, fontSize: 13 },
    // No formatter: ECharts then writes names as text, never as HTML, and numbers with separators.
  } as const;
}

function legend(colours: Colours) {
  return { top: 0, left: 0, itemGap: 16, textStyle: { color: colours.text, fontSize: 13 } } as const;
}

function categoryAxis(colours: Colours) {
  return {
    type: 'category',
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colours.guide } },
    axisLabel: { color: colours.text, fontSize: 13, hideOverlap: true },
  } as const;
}

/** The largest first, equal ones in the order they came. */
function largest(points: readonly Point[], number: number): readonly Point[] {
  return points.toSorted((a, b) => b.value - a.value).slice(0, number);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** ECharts reads `{b}` in a label as a template: a word joiner behind each brace keeps names as they are. */
function literal(text: string): string {
  return text.replaceAll('{', '{\u2060');
}

/** At most so many points are read aloud; the table has the rest. */
const mostSpoken = 6;

function described(kind: string, { title, chart }: Query, points: readonly Point[]): string {
  const said = points
    .slice(0, mostSpoken)
    .map(({ category, value, series }) =>
      [category, series, readableNumber(value)].filter(Boolean).join(', '),
    );
  const rest = points.length > mostSpoken ? `; and ${readableNumber(points.length - mostSpoken)} more` : '';
  const shown = points.length === 0 ? 'No rows' : `${said.join('; ')}${rest}`;
  return `${kind}: ${title} ${heading(chart.value)} by ${heading(chart.category).toLowerCase()}. ${shown}. The table below has all numbers.`;
}
