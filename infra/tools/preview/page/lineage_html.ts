/** Lineage as HTML: raw fields, silver columns and answers as buttons, and their connections as data for the script. */
import { escapeHtml, jsonForScript } from '../../../../pipeline/ui/web/html.ts';
import { datasetOf, type TableDescription } from '../described_tables.ts';
import type { Effect } from '../effect.ts';
import type { State } from './flow.ts';
import { section } from './section.ts';

/** A connection of two buttons, and the way in which the second depends on the first: `value`, or parts such as `join`. */
type Connection = readonly [from: string, to: string, how: string];

interface Group {
  readonly name: string;
  readonly buttons: readonly { readonly id: string; readonly name: string; readonly state: State }[];
}

export function lineageSection(effect: Effect): string {
  const tables = [...tablesOfBoth(effect)];
  if (tables.length === 0) {
    return '';
  }
  const silver = tables.flatMap(([table, description]) => {
    const dataset = datasetOf(table);
    return dataset === undefined ? [] : [{ table, dataset, description }];
  });
  const answers = tables.filter(([table]) => datasetOf(table) === undefined);
  const levels = [
    level(
      'Raw fields',
      silver.map(({ dataset, description }) => rawGroup(effect, dataset, description)),
    ),
    level(
      'Silver columns',
      silver.map(({ table, dataset, description }) => ({
        name: dataset,
        buttons: columnButtons(effect, table, 'silver', dataset, description),
      })),
    ),
    level(
      'Answers',
      answers.map(([answer, description]) => ({
        name: answer,
        buttons: [
          ...columnButtons(effect, answer, 'answer', answer, description),
          { id: `rows ${answer}`, name: 'which rows', state: 'same' },
        ],
      })),
    ),
  ];
  return section({
    id: 'lineage',
    title: 'Lineage of columns',
    body: `<p class="note" id="lineage-words" role="status">Choose a column to see what it is made of, and what is made of it. Escape ends it.</p>
<noscript><p class="note">Lineage needs JavaScript.</p></noscript>
<div class="lineage">
<svg class="connections" aria-hidden="true"></svg>
${levels.join('\n')}
</div>
<script type="application/json" id="lineage-data">${jsonForScript(connectionsOf(effect))}</script>`,
  });
}

/** Tables as the later version describes them, with the tables and the columns that are gone. */
function tablesOfBoth({ before, after }: Effect): ReadonlyMap<string, TableDescription> {
  const tables = Object.entries({ ...before.tables, ...after.tables });
  return new Map(
    tables.map(([table, description]) => [
      table,
      { ...description, columns: { ...before.tables[table]?.columns, ...description.columns } },
    ]),
  );
}

/** Every connection of two columns. */
function connectionsOf(effect: Effect): readonly Connection[] {
  return [...tablesOfBoth(effect)].flatMap(([table, { columns, rows, roles }]) => {
    const dataset = datasetOf(table);
    const [level, below, name] =
      dataset === undefined ? ['answer', 'silver', table] : ['silver', 'raw', dataset];
    const source = (from: string) => `${below} ${dataset === undefined ? from : from.replace(/_raw\./, '.')}`;
    const values = Object.entries(columns).flatMap(([column, { from }]) =>
      from.map((one): Connection => [source(one), `${level} ${name}.${column}`, 'value']),
    );
    // Silver holds distinct rows, so each of its columns decides which rows there are: that says nothing.
    const deciding =
      dataset === undefined
        ? rows.map((one): Connection => [source(one), `rows ${name}`, (roles?.[one] ?? []).join(', ')])
        : [];
    return [...values, ...deciding];
  });
}

function rawGroup({ before }: Effect, dataset: string, { raw = {} }: TableDescription): Group {
  const old = before.tables[`silver/${dataset}`]?.raw;
  return {
    name: dataset,
    buttons: Object.entries(raw).map(([field, type]) => ({
      id: `raw ${dataset}.${field}`,
      name: field,
      state:
        old === undefined || old[field] === type ? 'same' : old[field] === undefined ? 'added' : 'changed',
    })),
  };
}

function columnButtons(
  { kinds, before, after }: Effect,
  table: string,
  level: string,
  name: string,
  { columns }: TableDescription,
): Group['buttons'] {
  const stateOf = (column: string): State => {
    const [was, is] = [before.tables[table]?.columns[column], after.tables[table]?.columns[column]];
    if (was === undefined || is === undefined) {
      return is === undefined ? 'grave' : Object.keys(before.tables).length === 0 ? 'same' : 'added';
    }
    const kind = kinds.find((change) => change.table === table && change.column === column)?.kind;
    return kind === undefined ? 'same' : kind === 'breaking' ? 'grave' : 'changed';
  };
  return Object.keys(columns).map((column) => ({
    id: `${level} ${name}.${column}`,
    name: column,
    state: stateOf(column),
  }));
}

function level(title: string, groups: readonly Group[]): string {
  const shown = groups.map(
    ({ name, buttons }) => `<div class="columns" role="group" aria-label="${escapeHtml(`${title}: ${name}`)}">
<h4>${escapeHtml(name)}</h4>
${buttons.map(({ id, name: text, state }) => `<button type="button" class="item ${state}" aria-pressed="false" data-id="${escapeHtml(id)}">${escapeHtml(text)}</button>`).join('\n')}
</div>`,
  );
  return `<div class="level">
<h3>${title}</h3>
${shown.join('\n')}
</div>`;
}
