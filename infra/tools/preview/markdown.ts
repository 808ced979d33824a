/** The preview as Markdown, for a pull request. */
import type { GraphNode } from '../graph/record.ts';
import type { Difference, PropertyChange, ResourceChange } from './difference.ts';

export interface Preview {
  readonly stack: string;
  /** The version to compare with: a git ref, or `empty`. */
  readonly against: string;
  readonly cloud: Difference;
  /** Changes to the printed Spark code, as git shows them. */
  readonly spark: readonly CodeChange[];
  /** Mermaid's text. */
  readonly picture: string;
  /** The changes to tables by kind, as Markdown; empty when there are none. */
  readonly kinds: string;
  readonly money: Money;
  /** The effect of the change on the answers, as Markdown; undefined when it was not asked for. */
  readonly answers?: string;
}

/** The monthly cost of the stack, compared. */
export interface Money {
  /** Such as `$98 a month while nothing flows, $120 before`. */
  readonly sentence: string;
  /** The items whose cost differs, as a Markdown table; empty when none does. */
  readonly items: string;
}

export interface CodeChange {
  readonly file: string;
  readonly diff: string;
}

/** GitHub takes comments of 65,536 characters. */
const longestValue = 400;
const longestDiff = 12_000;

export function markdown({ stack, against, cloud, spark, picture, kinds, money, answers }: Preview): string {
  const title = `# What this changes: ${stack}, against ${against}`;
  if (
    cloud.created.length + cloud.changed.length + cloud.deleted.length + spark.length === 0 &&
    kinds === ''
  ) {
    return `${title}\n\nNothing: ${cloud.unchanged} resources, the Spark code and all tables are as they were.\n`;
  }
  const replaced = cloud.changed.filter((change) => change.replaced).length;
  const sections = [
    title,
    `**Cloud**: ${cloud.created.length} created, ${cloud.changed.length} changed (${replaced} of them replaced), ` +
      `${cloud.deleted.length} deleted, ${cloud.unchanged} unchanged. ` +
      `**Spark code**: ${spark.length === 0 ? 'unchanged' : `${spark.length} notebooks changed`}. ` +
      `**Money**: ${money.sentence}.`,
    ...section('Tables', kinds),
    ...section('Money', money.items),
    ...section('Created', list(cloud.created)),
    ...section('Changed', cloud.changed.map(changedResource).join('\n')),
    ...section('Deleted', list(cloud.deleted)),
    ...section('Answers', answers ?? ''),
    ...section('Spark code', spark.map(code).join('\n')),
    ...section('Architecture', fenced('mermaid', picture)),
    'Made with no account: names and ids that AWS and Databricks give are made up. What would be replaced is what the ' +
      'providers document; `pulumi preview` asks them.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function section(title: string, body: string): readonly string[] {
  return body === '' ? [] : [`## ${title}`, body];
}

function list(nodes: readonly GraphNode[]): string {
  return nodes
    .map(({ type, name, options }) => `- \`${type}\` ${name}${options.protect ? ' (protected)' : ''}`)
    .join('\n');
}

function changedResource({ node, properties, replaced }: ResourceChange): string {
  const replacing =
    node.options.deleteBeforeReplace === true ? 'replaced: deleted first' : 'replaced: created first';
  const rows = properties.map(row).join('\n');
  return [
    `### \`${node.type}\` ${node.name}${replaced ? ` — **${replacing}**` : ''}`,
    '',
    '| property | before | after | |',
    '|---|---|---|---|',
    rows,
    '',
  ].join('\n');
}

function row({ path, before, after, replaces }: PropertyChange): string {
  return `| ${cell(path)} | ${value(before)} | ${value(after)} | ${replaces ? 'replaces' : ''} |`;
}

function value(args: unknown): string {
  if (args === undefined) {
    return '';
  }
  const text = typeof args === 'string' ? args : JSON.stringify(args);
  const short =
    text.length > longestValue ? `${text.slice(0, longestValue)}… (${text.length} characters)` : text;
  return `<code>${cell(short)}</code>`;
}

/** A text in a table's cell, where a line's end or a bar would end it. */
export function cell(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('|', '&#124;')
    .replaceAll(/\r?\n/g, '<br/>');
}

function code({ file, diff }: CodeChange): string {
  const shown = diff.length > longestDiff ? `${diff.slice(0, longestDiff)}\n… and more` : diff;
  return `<details><summary>${cell(file)}</summary>\n\n${fenced('diff', shown)}\n\n</details>`;
}

/** A fence that nothing inside can end. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
