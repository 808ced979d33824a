/** The results as Markdown tables, which are readable on a terminal too. */
import { readFile } from 'node:fs/promises';
import { replaceFile } from '../pipeline/storage/durable_files.ts';
import {
  type Comparison,
  type KindOfWork,
  kindsOfWork,
  median,
  type Results,
  type SparkMeasure,
  stages,
  type Where,
} from './results.ts';

const titles: Readonly<Record<KindOfWork, string>> = {
  answers: 'Landing files → nine answers',
  lake: 'The same, with the tables written: ours Delta, theirs Parquet',
  start: 'From typing the command to the answers, starts counted',
};

/** Tables by title, in their order; those that nothing was measured for are empty. */
type Sections = ReadonlyMap<string, string>;

function sectionsOf(results: Results): Sections {
  return new Map([
    ...kindsOfWork.map((work) => [titles[work], comparisonsOf(work, results)] as const),
    ['By stage, inside the process', stagesOf(results)],
    ['Stream, on one core', streamsOf(results)],
    [
      "One event that comes or leaves: microseconds of the processor's time by existing events",
      operatorsOf(results),
    ],
    ['Notebooks on local Spark', sparkOf(results)],
  ]);
}

/** All tables of the results. */
export function tablesOf(results: Results): string {
  return textOf(sectionsOf(results));
}

function textOf(sections: Sections): string {
  return [
    'Medians of runs in turns; × is theirs divided by ours.\n',
    ...[...sections].flatMap(([title, text]) => (text === '' ? [] : [`### ${title}\n`, text])),
  ].join('\n');
}

function comparisonsOf(work: KindOfWork, { machine, comparisons }: Results): string {
  const rows = inOrder(comparisons.filter((one) => one.work === work));
  const heading = [
    'posts',
    '',
    'ours',
    'theirs',
    'time',
    'CPU time',
    'memory, ours',
    'theirs',
    'answers',
    'what to know',
  ];
  const lines = rows.map((one) => [
    readablePosts(one.posts),
    `${one.title} ${one.version}`.trim(),
    readableSeconds(secondsOf(one.ours)),
    readableSeconds(secondsOf(one.theirs)),
    readableRatio(secondsOf(one.theirs) / secondsOf(one.ours)),
    readableRatio(cpuSecondsOf(one.theirs) / cpuSecondsOf(one.ours)),
    readableMemory(one.ours),
    readableMemory(one.theirs),
    one.difference === null ? 'the same' : '**DIFFERENT**',
    one.note,
  ]);
  return (
    table(heading, lines, machine, rows, ({ ours }) => ours) +
    differencesOf(
      rows.map(({ title, posts, difference }) => ({ contestant: `${title} at ${posts} posts`, difference })),
    )
  );
}

function stagesOf({ machine, comparisons }: Results): string {
  const rows = inOrder(comparisons.filter((one) => Object.keys(one.stages).length > 0));
  const cell = (one: Comparison, stage: (typeof stages)[number]): string => {
    const [ours, theirs] = [median(one.stages[stage]?.ours ?? []), median(one.stages[stage]?.theirs ?? [])];
    return `${readableSeconds(ours)} ${readableSeconds(theirs)} ${readableRatio(theirs / ours)}`;
  };
  const heading = [
    'posts',
    '',
    'decode: ours, theirs, ×',
    'decode and clean: ours, theirs, ×',
    'answers: ours, theirs, ×',
  ];
  const lines = rows.map((one) => [
    readablePosts(one.posts),
    one.title,
    ...stages.map((stage) => cell(one, stage)),
  ]);
  return table(heading, lines, machine, rows, ({ ours }) => ours);
}

function differencesOf(measured: readonly { contestant: string; difference: string | null }[]): string {
  return measured
    .filter(({ difference }) => difference !== null)
    .map(({ contestant, difference }) => `- ${contestant} differs from ours: ${difference}\n`)
    .join('');
}

function streamsOf({ machine, streams }: Results): string {
  const lines = streams.map(({ contestant, version, events, seconds, difference, note }) => [
    `${contestant} ${version}`.trim(),
    events.toLocaleString('en'),
    readableSeconds(median(seconds)),
    Math.round(events / median(seconds)).toLocaleString('en'),
    difference === null ? 'the same' : '**DIFFERENT**',
    note,
  ]);
  const heading = ['', 'events', 'seconds', 'events a second', 'answers', 'what to know'];
  return table(heading, lines, machine, streams, ({ seconds }) => seconds) + differencesOf(streams);
}

function operatorsOf({ machine, operators }: Results): string {
  const sizes = [...new Set(operators.map(({ events }) => events))].sort((a, b) => a - b);
  const rows = new Map(
    operators.map((one) => [
      JSON.stringify([one.operator, one.contestant, one.change]),
      [one.operator, one.contestant, one.change],
    ]),
  );
  // Stable: the changes of each stay in their order.
  const sorted = [...rows].sort(([, a], [, b]) => compareNames(a, b));
  const lines = sorted.map(([key, names]) => [
    ...names,
    ...sizes.map((size) => {
      const measured = operators.find(
        ({ operator, contestant, change, events }) =>
          JSON.stringify([operator, contestant, change]) === key && events === size,
      );
      return measured === undefined ? '' : readableMicroseconds(median(measured.microseconds));
    }),
  ]);
  return table(
    ['', '', 'an event', ...sizes.map(readablePosts)],
    lines,
    machine,
    operators,
    ({ microseconds }) => microseconds,
  );
}

function compareNames(
  [operator = '', contestant = '']: readonly string[],
  [other = '', peer = '']: readonly string[],
) {
  return operator.localeCompare(other) || contestant.localeCompare(peer);
}

function readableMicroseconds(microseconds: number): string {
  return microseconds < 100 ? microseconds.toFixed(1) : Math.round(microseconds).toLocaleString('en');
}

function sparkOf({ machine, spark }: Results): string {
  const of = (runs: SparkMeasure['ours'], what: keyof SparkMeasure['ours'][number]) =>
    median(runs.map((run) => run[what]));
  const lines = spark.map(({ step, posts, ours, theirs }) => [
    step,
    readablePosts(posts),
    theirs.length === 0 ? '' : readableSeconds(of(theirs, 'seconds')),
    readableSeconds(of(ours, 'seconds')),
    theirs.length === 0 ? '' : readableRatio(of(theirs, 'seconds') / of(ours, 'seconds')),
    String(of(ours, 'jobs')),
    String(of(ours, 'commits')),
    of(ours, 'rows').toLocaleString('en'),
    `${(of(ours, 'bytes') / 1e6).toFixed(1)} MB`,
  ]);
  const heading = [
    '',
    'posts before',
    'plain notebook',
    'ours',
    '×',
    'jobs',
    'commits',
    'rows read',
    'bytes read',
  ];
  return table(heading, lines, machine, spark, ({ ours }) => ours);
}

function inOrder(comparisons: readonly Comparison[]): Comparison[] {
  return [...comparisons].sort((a, b) => a.posts - b.posts || secondsOf(a.theirs) - secondsOf(b.theirs));
}

export function secondsOf(runs: Comparison['ours']): number {
  return median(runs.map(({ seconds }) => seconds));
}

function cpuSecondsOf(runs: Comparison['ours']): number {
  return median(runs.map(({ cpuSeconds }) => cpuSeconds));
}

function readableMemory(runs: Comparison['ours']): string {
  return `${(median(runs.map(({ peakBytes }) => peakBytes)) / 2 ** 30).toFixed(2)} GiB`;
}

function readableSeconds(seconds: number): string {
  return `${seconds.toFixed(seconds < 1 ? 3 : seconds < 100 ? 2 : 0)} s`;
}

function readableRatio(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 0)} ×`;
}

/** Writes a number as `10⁴`, `3·10⁶`, or in digits. */
export function readablePosts(posts: number): string {
  const power = Math.floor(Math.log10(posts) + 1e-9);
  const factor = posts / 10 ** power;
  const raised = [...String(power)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return Number.isInteger(factor) && posts >= 1000
    ? `${factor === 1 ? '' : `${factor}·`}10${raised}`
    : String(posts);
}

/** Lines of cells, and the machine, number, day and commit of their measurements. Empty where nothing was measured. */
function table<Measured extends Where>(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  machine: string,
  measured: readonly Measured[],
  runsOf: (one: Measured) => readonly unknown[],
): string {
  if (rows.length === 0) {
    return '';
  }
  const widths = heading.map((_, column) =>
    Math.max(3, ...[heading, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const runs = new Set(measured.map((one) => runsOf(one).length));
  const commits = new Set(measured.map(({ at, commit }) => `${commit} on ${at.slice(0, 10)}`));
  return [
    line(heading),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    `\nMeasured on ${machine}. Runs of each: ${[...runs].join(', ')}. Commit: ${[...commits].join(', ')}.\n`,
  ].join('\n');
}

const begin = '<!-- npm run bench: tables begin -->';
const end = '<!-- npm run bench: tables end -->';

/**
 * Puts the tables between two marks in a Markdown file. Tables that are there already and were not measured again stay.
 * @throws Error when one of the marks is missing
 */
export async function writeTables(file: string, results: Results): Promise<void> {
  const old = await readFile(file, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`${file} has no lines "${begin}" and "${end}" to put the tables between.`);
  }
  const [, ...written] = old.slice(from + begin.length, to).split(/^### /m);
  const before = new Map(
    written.map((section) => {
      const [title = '', ...lines] = section.split('\n');
      return [title, `${lines.join('\n').trim()}\n`];
    }),
  );
  const sections = new Map(
    [...sectionsOf(results)].map(([title, text]) => [title, text === '' ? (before.get(title) ?? '') : text]),
  );
  await replaceFile(file, `${old.slice(0, from)}${begin}\n\n${textOf(sections)}\n${old.slice(to)}`);
}
