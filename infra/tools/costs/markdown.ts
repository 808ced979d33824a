/** Sums of a stack's monthly costs as Markdown: for docs/costs.md, and for a terminal. */
import type { Settings } from '../../configuration/settings.ts';
import { type Cost, monthlyCosts } from './month.ts';

/** Whole dollars of all costs that have a price. */
export function sumOf(costs: readonly Pick<Partial<Cost>, 'dollars'>[]): number {
  return Math.round(costs.reduce((total, { dollars }) => total + (dollars ?? 0), 0));
}

/** Costs as a table, with their sum. */
export function costsTable(title: string, costs: readonly Cost[]): string {
  const rows = costs.map(
    ({ what, how, dollars, pausable }) =>
      `| ${what} | ${how} | ${dollars?.toFixed(2) ?? '?'} | ${pausable ? 'yes' : ''} |`,
  );
  return [
    `## ${title}`,
    '',
    '| what | how | $ a month | gone when paused |',
    '|---|---|---|---|',
    ...rows,
    `| **sum** | | **${sumOf(costs)}** | |`,
    '',
  ].join('\n');
}

/** The sums of stacks under their switches. */
export function switchesTable(switches: readonly (readonly [string, Settings])[]): string {
  return [
    '| stack and switch | $ a month |',
    '|---|---|',
    ...switches.map(([name, settings]) => `| ${name} | ${sumOf(monthlyCosts(settings))} |`),
    '',
  ].join('\n');
}

/** A stack under the switches that change its costs most. */
export function switchesOf(stack: string, settings: Settings): readonly (readonly [string, Settings])[] {
  const { airflow, databricks } = settings;
  const streaming = databricks.streaming === 'running' ? 'paused' : 'running';
  return [
    [stack, settings],
    [`${stack}, \`paused: true\``, { ...settings, paused: true }],
    airflow.enabled
      ? [`${stack} without Airflow`, { ...settings, airflow: { ...airflow, enabled: false } }]
      : [
          `${stack} with Airflow (\`mw1.small\`)`,
          { ...settings, airflow: { ...airflow, enabled: true, environmentClass: 'mw1.small' } },
        ],
    [`${stack}, streaming job ${streaming}`, { ...settings, databricks: { ...databricks, streaming } }],
  ];
}
