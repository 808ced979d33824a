/** The dashboard of the nine answers, in the JSON of Databricks' dashboards (Lakeview): made from queries, never drawn. */
import type { Query } from '../../pipeline/plan/query.ts';
import type { ColumnType } from '../../pipeline/plan/types.ts';

interface Encoding {
  readonly fieldName: string;
  readonly displayName: string;
  readonly scale: { readonly type: 'categorical' | 'quantitative' };
}

/** Six columns wide: two charts side by side, each six rows high. */
const chartWidth = 3;
const chartHeight = 6;

/**
 * The serialized dashboard: one page, one dataset and one chart a query.
 * @param sourceOf what a query's answer is selected from, such as a table's name or a path
 */
export function serializedDashboard(
  title: string,
  queries: readonly Query[],
  sourceOf: (query: Query) => string,
): string {
  const dashboard = {
    datasets: queries.map((query) => ({
      name: query.name,
      displayName: query.title,
      queryLines: [`SELECT ${Object.keys(query.schema).map(quoted).join(', ')}\n`, `FROM ${sourceOf(query)}`],
    })),
    pages: [
      {
        name: 'answers',
        displayName: title,
        pageType: 'PAGE_TYPE_CANVAS',
        layout: queries.map((query, index) => ({
          widget: chartWidget(query),
          position: {
            x: (index % 2) * chartWidth,
            y: Math.floor(index / 2) * chartHeight,
            width: chartWidth,
            height: chartHeight,
          },
        })),
      },
    ],
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function chartWidget(query: Query) {
  const { category, value, series, kind } = query.chart;
  const used = [...new Set([category, value, ...(series === undefined ? [] : [series])])];
  return {
    name: query.name,
    queries: [
      {
        name: 'main_query',
        query: {
          datasetName: query.name,
          fields: used.map((column) => ({ name: column, expression: quoted(column) })),
          disaggregated: true,
        },
      },
    ],
    spec: {
      version: 3,
      widgetType: kind === 'lines' ? 'line' : 'bar',
      encodings: {
        x: encoding(query, category, 'categorical'),
        y: encoding(query, value, 'quantitative'),
        ...(series === undefined ? {} : { color: encoding(query, series, 'categorical') }),
      },
      frame: { showTitle: true, title: query.title },
    },
  };
}

function encoding(query: Query, column: string, scale: Encoding['scale']['type']): Encoding {
  const type: ColumnType | undefined = query.schema[column];
  if (type === undefined) {
    throw new RangeError(`The chart of ${query.name} draws "${column}", which its answer does not have.`);
  }
  return { fieldName: column, displayName: column.replaceAll('_', ' '), scale: { type: scale } };
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
