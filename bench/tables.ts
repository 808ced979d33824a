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
} from './results.ts';

const titles: Readonly<Record<KindOfWork, string>> = {
  answers: 'Landing files → nine answers',
  lake: 'The same, with the tables written: ours Delta, theirs Parquet',
  start: 'From typing the command to the answers, starts counted',
};

/** All tables of the results. */
export function tablesOf(results: Results): string {
  const sections = [
    `Measured on ${results.machine}. Medians of runs in turns; × is theirs divided by ours.\n`,
    ...kindsOfWork.flatMap((work) => comparisonsOf(work, results)),
    ...stagesOf(results),
    ...differencesOf(results),
    ...streamsOf(results),
    ...operatorsOf(results),
    ...sparkOf(results),
  ];
  return sections.join('\n');
}

function comparisonsOf(work: KindOfWork, { comparisons }: Results): string[] {
  const rows = inOrder(comparisons.filter((one) => one.work === work));
  if (rows.length === 0) {
    return [];
  }
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
  return [`### ${titles[work]}\n`, table(heading, lines), runsAndCommits(rows)];
}

function stagesOf({ comparisons }: Results): string[] {
  const rows = inOrder(comparisons.filter((one) => Object.keys(one.stages).length > 0));
  if (rows.length === 0) {
    return [];
  }
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
  return ['### By stage, inside the process\n', table(heading, lines)];
}

function differencesOf({ comparisons, streams }: Results): string[] {
  const different = [
    ...comparisons.map(({ title, posts, difference }) => ({
      contestant: `${title} at ${posts} posts`,
      difference,
    })),
    ...streams.map(({ contestant, difference }) => ({ contestant: `${contestant}, stream`, difference })),
  ].filter(({ difference }) => difference !== null);
  return different.length === 0
    ? []
    : [
        `### Answers that differ from ours\n`,
        ...different.map(({ contestant, difference }) => `- ${contestant}: ${difference}`),
        '',
      ];
}

function streamsOf({ streams }: Results): string[] {
  if (streams.length === 0) {
    return [];
  }
  const lines = streams.map(({ contestant, version, events, seconds, difference, note }) => [
    `${contestant} ${version}`.trim(),
    events.toLocaleString('en'),
    readableSeconds(median(seconds)),
    Math.round(events / median(seconds)).toLocaleString('en'),
    difference === null ? 'the same' : '**DIFFERENT**',
    note,
  ]);
  const heading = ['', 'events', 'seconds', 'events a second', 'answers', 'what to know'];
  return ['### Stream, on one core\n', table(heading, lines)];
}

function operatorsOf({ operators }: Results): string[] {
  if (operators.length === 0) {
    return [];
  }
  const sizes = [...new Set(operators.map(({ events }) => events))].sort((a, b) => a - b);
  const rows = new Map(
    operators.map((one) => [
      JSON.stringify([one.operator, one.contestant, one.change]),
      [one.operator, one.contestant, one.change],
    ]),
  );
  const lines = [...rows].map(([key, names]) => [
    ...names,
    ...sizes.map((size) => {
      const measured = operators.find(
        ({ operator, contestant, change, events }) =>
          JSON.stringify([operator, contestant, change]) === key && events === size,
      );
      return measured === undefined ? '' : readableMicroseconds(median(measured.microseconds));
    }),
  ]);
  return [
    "### One event that comes or leaves: microseconds of the processor's time by existing events\n",
    table(['', '', 'an event', ...sizes.map(readablePosts)], lines),
  ];
}

function readableMicroseconds(microseconds: number): string {
  return microseconds < 100 ? microseconds.toFixed(1) : Math.round(microseconds).toLocaleString('en');
}

function sparkOf({ spark }: Results): string[] {
  if (spark.length === 0) {
    return [];
  }
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
  return ['### Notebooks on local Spark\n', table(heading, lines)];
}

function inOrder(comparisons: readonly Comparison[]): Comparison[] {
  return [...comparisons].sort((a, b) => a.posts - b.posts || secondsOf(a.theirs) - secondsOf(b.theirs));
}

function runsAndCommits(rows: readonly Comparison[]): string {
  const runs = new Set(rows.map(({ ours }) => ours.length));
  const commits = new Set(rows.map(({ at, commit }) => `${commit} on ${at.slice(0, 10)}`));
  return `Runs of each: ${[...runs].join(', ')}. Commit: ${[...commits].join(', ')}.\n`;
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

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) =>
    Math.max(3, ...[heading, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return `${[line(heading), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')}\n`;
}

const begin = '<!-- npm run bench: tables begin -->';
const end = '<!-- npm run bench: tables end -->';

/**
 * Puts the tables between two marks in a Markdown file.
 * @throws Error when one of the marks is missing
 */
export async function writeTables(file: string, results: Results): Promise<void> {
  const old = await readFile(file, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`${file} has no lines "${begin}" and "${end}" to put the tables between.`);
  }
  await replaceFile(file, `${old.slice(0, from)}${begin}\n\n${tablesOf(results)}\n${old.slice(to)}`);
}
