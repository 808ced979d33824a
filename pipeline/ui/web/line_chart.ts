/** Charts of lines over categories, one line a series. */

import type { Query } from '../../plan/query.ts';
import { heading } from '../readable.ts';
import { base, type Chart, categoryAxis, describe, gridWithAxes, type Point, tooltip } from './chart.ts';
import type { Colours } from './colours.ts';

/** Draws a line for each series over categories in the order of the rows, with a gap where a series has no value. */
export function lineChart(query: Query, points: readonly Point[], colours: Colours): Chart {
  const categories = unique(points.map(({ category }) => category));
  const names = unique(points.map(({ series }) => series ?? heading(query.chart.value)));
  const many = names.length > 1;
  const valueAt = new Map(
    points.map((point) => [pairKey(point.series ?? heading(query.chart.value), point.category), point.value]),
  );
  return {
    height: many ? 340 : 280,
    description: describe('Line chart', query, points),
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
      grid: { ...gridWithAxes, right: 20, top: many ? 52 : 24 },
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

/** Tell lines apart without colour. */
const symbols = ['circle', 'rect', 'triangle', 'diamond'] as const;

/** A key that no other pair of strings has. */
function pairKey(first: string, second: string): string {
  return JSON.stringify([first, second]);
}

function legend(colours: Colours) {
  return { top: 0, left: 0, itemGap: 16, textStyle: { color: colours.text, fontSize: 13 } } as const;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
