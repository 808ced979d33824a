/** Changes to tables as HTML: their kinds, their rows, what is read again, and how Spark computes them. */
import { readableTime } from '../../../../pipeline/ui/readable.ts';
import { escapeHtml } from '../../../../pipeline/ui/web/html.ts';
import { htmlTable } from '../../../../pipeline/ui/web/html_table.ts';
import { computesOtherwise, type Effect } from '../effect.ts';
import { counted, readAgainInWords } from '../read_again.ts';
import type { Row, TableDifference } from '../table_difference.ts';
import { section } from './section.ts';

/** Rows beyond these are counted. */
const mostRows = 50;
const longestValue = 120;

export function kindsSection({ kinds }: Effect): string {
  return section({
    id: 'kinds',
    title: 'Kinds of change',
    body:
      kinds.length === 0
        ? '<p>No column and no row of any table changes.</p>'
        : htmlTable({
            id: 'kinds-table',
            caption: counted(kinds.length, 'change'),
            headings: ['Table', 'Column', 'Kind', 'What', 'Reaches'],
            rows: kinds.map(({ table, column = '', kind, detail, reaches }) => [
              escapeHtml(table),
              escapeHtml(column),
              kind === 'breaking' ? `<strong>${kind}</strong>` : kind,
              escapeHtml(detail),
              reaches.map(escapeHtml).join('<br>'),
            ]),
            numeric: [],
          }),
  });
}

export function readAgainSection({ readAgain }: Effect): string {
  const lines = readAgain.map((one) => `<li>${escapeHtml(readAgainInWords(one))}</li>`);
  return section({
    id: 'read-again',
    title: 'Read again',
    body: lines.length === 0 ? '' : `<ul class="warnings">${lines.join('')}</ul>`,
  });
}

export function computedSection({ computed }: Effect): string {
  return section({
    id: 'computed',
    title: 'How Spark computes the answers',
    body:
      computed.length === 0
        ? ''
        : htmlTable({
            id: 'computed-table',
            caption:
              'Kept by what is new: a run costs what is new. Otherwise it reads all rows, for this reason.',
            headings: ['Answer', 'Before', 'Now'],
            rows: computed.map((one) => [
              escapeHtml(one.answer),
              escapeHtml(one.before ?? ''),
              computesOtherwise(one)
                ? `<strong>${escapeHtml(one.after ?? '')}</strong>`
                : escapeHtml(one.after ?? ''),
            ]),
            numeric: [],
          }),
  });
}

export function rowsSection(effect: Effect): string {
  const { tables, over } = effect;
  const changed = tables.filter(({ come, gone, changed }) => come.length + gone.length + changed.length > 0);
  const others = tables.length - changed.length;
  return section({
    id: 'answers',
    title: 'Rows that change',
    body: `<p class="note">Over ${escapeHtml(over)}; ${counted(others, 'table')} ${others === 1 ? 'is' : 'are'} as before.</p>
${changed.length === 0 ? '' : `<div class="cards">\n${changed.map((table) => tableCard(effect, table)).join('\n')}\n</div>`}`,
  });
}

function tableCard(effect: Effect, { table, before, after, come, gone, changed }: TableDifference): string {
  const names = [
    ...new Set(
      [come[0], gone[0], changed[0]?.before, changed[0]?.after].flatMap((row) => Object.keys(row ?? {})),
    ),
  ];
  const typeOf = (column: string) =>
    (effect.after.tables[table] ?? effect.before.tables[table])?.columns[column]?.type;
  const cell = (row: Row, column: string) => shown(row[column], typeOf(column));
  // The columns that tell rows apart stand in front; those that differ must not be out of sight behind others.
  const [key = '', ...rest] = names;
  const differ = (column: string) =>
    changed.some((row) => cell(row.before, column) !== cell(row.after, column));
  const columns = [key, ...rest.filter(differ), ...rest.filter((column) => !differ(column))];
  const lines = [
    ...changed.map((row) => [
      'changed',
      ...columns.map((column) => changedCell(cell(row.before, column), cell(row.after, column))),
    ]),
    ...gone.map((row) => ['gone', ...columns.map((column) => `<del>${cell(row, column)}</del>`)]),
    ...come.map((row) => ['new', ...columns.map((column) => `<ins>${cell(row, column)}</ins>`)]),
  ];
  const more = lines.length > mostRows ? `, the first ${mostRows} of which are shown` : '';
  const id = `rows-${table.replaceAll(/[^a-z0-9]+/gi, '-')}`;
  return `<article aria-labelledby="${id}-heading"${columns.length > 3 ? ' class="across"' : ''}>
<h3 id="${id}-heading">${escapeHtml(table)}</h3>
${htmlTable({
  id,
  caption: `<span class="unseen">${escapeHtml(table)}: </span>${counted(before, 'row')} before, ${after} now: ${counted(lines.length, 'difference')}${more}`,
  headings: ['', ...columns].map((name) =>
    name === '' ? '<span class="unseen">What</span>' : escapeHtml(name),
  ),
  rows: lines.slice(0, mostRows),
  numeric: [],
})}
</article>`;
}

function changedCell(before: string, after: string): string {
  return before === after ? after : `<del>${before}</del> <ins>${after}</ins>`;
}

function shown(value: unknown, type: string | undefined): string {
  if (type === 'timestamp' && typeof value === 'number') {
    return readableTime(value);
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return escapeHtml(text.length > longestValue ? `${text.slice(0, longestValue)}…` : text);
}
