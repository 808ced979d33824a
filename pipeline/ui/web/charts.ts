/** Chooses and draws the chart of an answer. */

import type { Row } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import { columnType, type Value } from '../../plan/types.ts';
import { readableValue } from '../readable.ts';
import { barChart } from './bar_chart.ts';
import type { Chart, Point } from './chart.ts';
import type { Colours } from './colours.ts';
import { lineChart } from './line_chart.ts';

/** Draws the rows of a query's answer in the colours of a page. */
export function chartOfAnswer(query: Query, rows: readonly Row[], colours: Colours): Chart {
  const points = pointsOf(query, rows);
  switch (query.chart.kind) {
    case 'lines':
      return lineChart(query, points, colours);
    case 'bars':
    // The bars are beside the map.
    case 'map':
      return barChart(query, points, colours);
  }
}

/** The rows as points; those whose value is null are not drawn. */
export function pointsOf({ chart, schema }: Query, rows: readonly Row[]): Point[] {
  const readable = (row: Row, column: string) =>
    readableValue(row[column] ?? null, columnType(schema, column));
  return rows.flatMap((row) => {
    const value: Value = row[chart.value] ?? null;
    return typeof value === 'number'
      ? [
          {
            category: readable(row, chart.category),
            value,
            series: chart.series === undefined ? undefined : readable(row, chart.series),
          },
        ]
      : [];
  });
}
