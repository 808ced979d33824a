/** Changes to the cloud as HTML: what is paid, and every resource that comes, goes or changes. */
import { escapeHtml } from '../../../../pipeline/ui/web/html.ts';
import { htmlTable } from '../../../../pipeline/ui/web/html_table.ts';
import type { GraphNode } from '../../graph/record.ts';
import type { PropertyChange, ResourceChange } from '../difference.ts';
import type { Effect } from '../effect.ts';
import { type MoneyItem, moneyInWords, overBudget } from '../money.ts';
import { counted } from '../read_again.ts';
import { section } from './section.ts';

const longestValue = 400;

export function moneySection({ money }: Effect): string {
  if (money.items.length === 0) {
    return '';
  }
  const most = Math.max(
    ...money.items.flatMap(({ before, after }) => [before?.dollars ?? 0, after?.dollars ?? 0]),
  );
  const expensive = overBudget(money);
  const cells = (item: MoneyItem['before']) =>
    item === undefined
      ? ''
      : `<span class="bar" style="--part: ${(((item.dollars ?? 0) / most) * 100).toFixed(1)}%"></span>${item.dollars?.toFixed(2) ?? '?'} <small>${escapeHtml(item.how)}</small>`;
  const rows = money.items.map(({ what, before, after, differs }) => [
    differs ? `<strong>${escapeHtml(what)}</strong>` : escapeHtml(what),
    ...(money.before === undefined ? [] : [cells(before)]),
    cells(after),
    ...(money.before === undefined
      ? []
      : [differs ? signed((after?.dollars ?? 0) - (before?.dollars ?? 0)) : '']),
  ]);
  const sum = [
    '<strong>Sum</strong>',
    ...(money.before === undefined ? [] : [`<strong>${money.before}</strong>`]),
    `<strong>${money.after ?? ''}</strong>`,
    ...(money.before === undefined ? [] : [signed((money.after ?? 0) - money.before)]),
  ];
  return section({
    id: 'money',
    title: 'Money',
    body: `${expensive === undefined ? '' : `<p class="warnings">${escapeHtml(expensive)}</p>`}
${htmlTable({
  id: 'money-table',
  caption: `${escapeHtml(moneyInWords(money))}. Dollars a month by the prices in infra/tools/costs/prices.ts, which says where each was seen; what flows comes on top.`,
  headings: money.before === undefined ? ['Item', 'Now'] : ['Item', 'Before', 'Now', 'Difference'],
  rows: [...rows, sum],
  numeric: money.before === undefined ? [] : [3],
})}`,
  });
}

function signed(dollars: number): string {
  return `${dollars > 0 ? '+' : ''}${dollars.toFixed(2)}`;
}

export function cloudSection({ cloud }: Effect): string {
  const { created, changed, deleted, unchanged } = cloud;
  const parts = [
    listed('Deleted', deleted),
    ...changed.toSorted((a, b) => Number(b.replaced) - Number(a.replaced)).map(changedResource),
    listed('Created', created),
  ].filter((part) => part !== '');
  return section({
    id: 'cloud',
    title: 'Cloud',
    body: `<p class="note">${counted(unchanged, 'resource')} as before. Names and ids that AWS and Databricks give are made up; what would be replaced is what the providers document.</p>
${parts.join('\n')}`,
  });
}

function listed(title: string, nodes: readonly GraphNode[]): string {
  return nodes.length === 0
    ? ''
    : htmlTable({
        id: `cloud-${title.toLowerCase()}`,
        caption: `${title}: ${nodes.length}`,
        headings: ['Resource', 'Type'],
        rows: nodes.map(({ name, type, options }) => [
          `${escapeHtml(name)}${options.protect ? ' (protected)' : ''}`,
          `<code>${escapeHtml(type)}</code>`,
        ]),
        numeric: [],
      });
}

function changedResource({ node, properties, replaced }: ResourceChange, at: number): string {
  const how = node.options.deleteBeforeReplace === true ? 'deleted first' : 'created first';
  return `<details>
<summary>${escapeHtml(node.name)} <code>${escapeHtml(node.type)}</code> ${replaced ? `<strong>replaced, ${how}</strong>` : `${counted(properties.length, 'property').replace('propertys', 'properties')}`}</summary>
${htmlTable({
  id: `resource-${at}`,
  caption: `<span class="unseen">${escapeHtml(`${node.type} ${node.name}`)}: </span>what changes`,
  headings: ['Property', 'Before', 'Now', 'Replaces'],
  rows: properties.map(propertyCells),
  numeric: [],
})}
</details>`;
}

function propertyCells({ path, before, after, replaces }: PropertyChange): readonly string[] {
  return [escapeHtml(path), value(before), value(after), replaces ? 'yes' : ''];
}

function value(of: unknown): string {
  if (of === undefined) {
    return '';
  }
  const text = typeof of === 'string' ? of : JSON.stringify(of);
  const short =
    text.length > longestValue ? `${text.slice(0, longestValue)}… (${text.length} characters)` : text;
  return `<code>${escapeHtml(short)}</code>`;
}
