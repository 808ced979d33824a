/** The effect of a change as short Markdown for a pull request; the page has the rest. */
import type { GraphNode } from '../graph/record.ts';
import type { Difference, PropertyChange } from './difference.ts';
import { type Computed, changesNothing, computesOtherwise, type Effect, keptByWhatIsNew } from './effect.ts';
import type { TableChange } from './kinds.ts';
import { type Money, type MoneyItem, moneyInWords, overBudget } from './money.ts';
import { counted, readAgainInWords } from './read_again.ts';
import type { CodeChange } from './spark_code.ts';

/** A comment that is longer is not read, and GitHub takes 65,536 characters. */
const mostRows = 25;
const mostProperties = 4;
const longestValue = 60;

/**
 * @param page the place of the page that has the rest, as Markdown
 */
export function markdown(effect: Effect, page?: string): string {
  const { stack, against, over, cloud, spark, kinds, money, computed } = effect;
  const title = `# What this changes: ${stack}, against ${against}`;
  if (changesNothing(effect)) {
    return `${title}\n\nNothing: ${counted(cloud.unchanged, 'resource')}, the Spark code and all tables are as they were.\n`;
  }
  const sections = [
    title,
    summary(effect),
    ...section(`Tables, over ${over}`, table(['table', 'column', 'kind', '', 'reaches'], kinds.map(kindRow))),
    ...section('Read again', effect.readAgain.map((one) => `- ${cell(readAgainInWords(one))}`).join('\n')),
    ...section(
      'Computed otherwise by Spark',
      computed.filter(computesOtherwise).map(computedLine).join('\n'),
    ),
    ...section(
      'Money, in dollars a month while nothing flows',
      table(['what', 'before', '', 'after', ''], moneyRows(money)),
    ),
    ...section('Cloud', table(['', 'resource', 'what', ''], cloudRows(cloud))),
    ...section('Spark code', spark.map(codeLine).join('\n')),
    page === undefined
      ? 'The rest, such as rows, SQL side by side and lineage, is on the page that `--html FILE` writes.'
      : `The rest, such as rows, SQL side by side and lineage: ${page}.`,
    'Made with no account: names and ids that AWS and Databricks give are made up. What would be replaced is what the ' +
      'providers document; `pulumi preview` asks them.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function summary({ cloud, spark, money }: Effect): string {
  const replaced = cloud.changed.filter((change) => change.replaced).length;
  const expensive = overBudget(money);
  return (
    `**Cloud**: ${cloud.created.length} created, ${cloud.changed.length} changed (${replaced} of them replaced), ` +
    `${cloud.deleted.length} deleted, ${cloud.unchanged} unchanged. ` +
    `**Spark code**: ${spark.length === 0 ? 'unchanged' : `${counted(spark.length, 'notebook')} changed`}. ` +
    `**Money**: ${moneyInWords(money)}.${expensive === undefined ? '' : ` **${expensive}**`}`
  );
}

function section(title: string, body: string): readonly string[] {
  return body === '' ? [] : [`## ${title}`, body];
}

/** A table; empty without rows. Rows beyond the most are counted. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) {
    return '';
  }
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const more = rows.length > mostRows ? ['', `… and ${counted(rows.length - mostRows, 'row')} more.`] : [];
  return [
    line(headings),
    `|${'---|'.repeat(headings.length)}`,
    ...rows.slice(0, mostRows).map(line),
    ...more,
  ].join('\n');
}

function kindRow({ table, column, kind, detail, reaches }: TableChange): readonly string[] {
  const shownKind = kind === 'breaking' ? '**breaking**' : kind;
  return [cell(table), cell(column ?? ''), shownKind, cell(detail), cell(reaches.join('; '))];
}

function computedLine({ answer, before, after }: Computed): string {
  const now =
    after === keptByWhatIsNew
      ? 'from now on it is kept by what is new'
      : `from now on it is computed from all rows: ${after}`;
  const then =
    before === keptByWhatIsNew ? 'was kept by what is new' : `was computed from all rows: ${before}`;
  return `- ${cell(answer)}: ${cell(now)} (it ${cell(then)}).`;
}

function moneyRows(money: Money): readonly (readonly string[])[] {
  const changed = money.items.filter(({ differs }) => differs);
  const amount = (item: MoneyItem['before']) =>
    item === undefined ? ['', ''] : [cell(item.how), item.dollars?.toFixed(2) ?? '?'];
  const rows = changed.map(({ what, before, after }) => [cell(what), ...amount(before), ...amount(after)]);
  const sum = ['**sum**', '', `**${money.before ?? 0}**`, '', `**${money.after ?? 0}**`];
  return rows.length === 0 ? [] : [...rows, sum];
}

const holdsData = /^aws:(s3|rds|msk|kinesis)\/|:(Catalog|Schema)$/;

/** What can lose data or stop something comes first. */
function cloudRows({ created, changed, deleted }: Difference): readonly (readonly string[])[] {
  const replaced = changed.filter((change) => change.replaced);
  const inPlace = changed.filter((change) => !change.replaced);
  const first = (node: GraphNode) => (holdsData.test(node.type) ? 0 : 1);
  return [
    ...deleted.toSorted((a, b) => first(a) - first(b)).map((node) => ['**deleted**', ...resource(node)]),
    ...replaced
      .toSorted((a, b) => first(a.node) - first(b.node))
      .map(({ node, properties }) => [
        `**replaced**, ${node.options.deleteBeforeReplace === true ? 'deleted' : 'created'} first`,
        ...resource(node, properties),
      ]),
    ...inPlace.map(({ node, properties }) => ['changed', ...resource(node, properties)]),
    ...created.map((node) => ['created', ...resource(node)]),
  ];
}

function resource(node: GraphNode, properties: readonly PropertyChange[] = []): readonly string[] {
  const all = [...new Set(properties.map(propertyInWords))];
  const more = all.length > mostProperties ? [`… and ${all.length - mostProperties} more`] : [];
  return [
    `${cell(node.name)}${node.options.protect ? ' (protected)' : ''}`,
    `\`${node.type}\``,
    [...all.slice(0, mostProperties), ...more].join('<br/>'),
  ];
}

/** A long text is known by its digest and its length, which tell a reader nothing. */
const digestOfText = /(\.base64)?\.(sha256|characters)$/;
const digest = /^[0-9a-f]{16,}$/;

function propertyInWords({ path, before, after }: PropertyChange): string {
  if (digestOfText.test(path)) {
    return `${cell(path.replace(digestOfText, ''))}: another text`;
  }
  if (digest.test(String(before)) && digest.test(String(after))) {
    return `${cell(path)}: another digest`;
  }
  const [old, now] = excerpts(textOf(before), textOf(after));
  return `${cell(path)}: ${old} → ${now}`;
}

function textOf(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

/** Both texts, or where they are long the part of each in which they differ. */
function excerpts(before: string | undefined, after: string | undefined): readonly [string, string] {
  const shown = (text: string | undefined, from: number) => {
    if (text === undefined) {
      return 'none';
    }
    const end = from + longestValue;
    const part = `${from > 0 ? '…' : ''}${text.slice(from, end)}${text.length > end ? '…' : ''}`;
    return part === '' ? 'empty' : `<code>${cell(part)}</code>`;
  };
  const [a = '', b = ''] = [before, after];
  if (Math.max(a.length, b.length) <= longestValue) {
    return [shown(before, 0), shown(after, 0)];
  }
  let same = 0;
  while (same < a.length && a[same] === b[same]) {
    same += 1;
  }
  // A little of what is the same says where it is.
  const from = before === undefined || after === undefined ? 0 : Math.max(0, same - 20);
  return [shown(before, from), shown(after, from)];
}

function codeLine({ file, diff }: CodeChange): string {
  const lines = diff.split('\n');
  const starting = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return `- ${cell(file)}: ${counted(starting('+'), 'line')} added, ${starting('-')} removed`;
}

/** A text in a table's cell, where a line's end or a bar would end it. */
function cell(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('|', '&#124;')
    .replaceAll(/\r?\n/g, '<br/>');
}
