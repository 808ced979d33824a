/** The status of a stream as HTML: the parts of the live page that change beside the answers. */
import type { Comparison } from '../../compare/comparison.ts';
import type { StreamLag, StreamStatus, StreamTotals } from '../../stream/status.ts';
import { nullMark, readableNumber, readableTime } from '../readable.ts';
import { quarantinedOf } from '../summary.ts';
import { escapeHtml } from './html.ts';
import { htmlTable } from './html_table.ts';
import type { LiveStatus } from './live_source.ts';
import { nulledTable, quarantineReasons } from './summary_section.ts';

/** The parts by the `id` of their element. */
export function statusParts(status: LiveStatus): Readonly<Record<string, string>> {
  return {
    stream: streamState(status),
    facts: facts(status),
    emulator: status.emulator === null ? '' : emulatorState(status.emulator),
    details: `${datasetsTable(status.totals)}\n${nulledTable(status.totals)}\n${lagTable(status.lag)}`,
    verdict: status.comparison === null ? '' : verdictOn(status.comparison),
    comparison: status.comparison === null ? '' : comparisonOf(status.comparison),
  };
}

const states: Readonly<Record<StreamStatus['state'], string>> = {
  replaying: 'Taking in again what an earlier run left.',
  running: 'The stream runs.',
  waiting: 'The log does not answer; it is asked again.',
  ended: 'The stream has ended: these are its last answers.',
  failed: 'The stream has failed: these are its last answers.',
};

/** Changes only with the state, because screen readers announce each change. */
function streamState({ state, message }: StreamStatus): string {
  const detail = message === undefined ? '' : ` ${escapeHtml(message)}`;
  return `<span class="state ${state}">${states[state]}${detail}</span>`;
}

function facts({ totals, eventsPerSecond, lag, batch, newestEventAt }: LiveStatus): string {
  const total = (of: (totals: StreamTotals) => number) =>
    readableNumber(totals.reduce((sum, dataset) => sum + of(dataset), 0));
  const all: readonly (readonly [name: string, value: string, note?: string])[] = [
    ['Events a second', readableNumber(Math.round(eventsPerSecond))],
    ['Events read', total(({ read }) => read)],
    ['Distinct rows kept', total(({ kept }) => kept)],
    ['Repeated', total(({ repeated }) => repeated)],
    ['Quarantined', total(quarantinedOf)],
    ['Erased', total(({ erased }) => erased)],
    ['Behind the log', behind(lag), 'records'],
    batch === null
      ? ['Last micro-batch', nullMark]
      : [
          `Micro-batch ${readableNumber(batch.number)}`,
          `${readableNumber(Math.round(batch.milliseconds))} ms`,
          `${readableNumber(batch.events)} events`,
        ],
    ['Newest event', newestEventAt === null ? nullMark : timeOfDay(newestEventAt), 'UTC'],
  ];
  return all
    .map(
      ([name, value, note = '']) =>
        `<div><dt>${name}</dt><dd>${value}${note === '' ? '' : ` <small>${note}</small>`}</dd></div>`,
    )
    .join('\n');
}

/** `03:04:05`, in UTC. */
function timeOfDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 19);
}

/** The sum of unread records over all shards that report it. */
function behind(lag: readonly StreamLag[]): string {
  const reported = lag.flatMap(({ records }) => records ?? []);
  return reported.length === 0
    ? nullMark
    : readableNumber(reported.reduce((sum, records) => sum + records, 0));
}

function emulatorState({ paused, askedRate, sent }: NonNullable<LiveStatus['emulator']>): string {
  const state = paused ? 'The emulator is paused' : `The emulator sends ${posts(askedRate)} a second`;
  return `${state}; ${posts(sent)} sent.`;
}

function posts(number: number): string {
  return number === 1 ? '1 post' : `${readableNumber(number)} posts`;
}

function datasetsTable(totals: readonly StreamTotals[]): string {
  return htmlTable({
    id: 'datasets',
    caption: 'Events of each dataset',
    headings: ['Dataset', 'Read', 'Kept', 'Repeated', 'Quarantined', 'Why quarantined', 'Erased'],
    rows: totals.map((dataset) => [
      escapeHtml(dataset.name),
      readableNumber(dataset.read),
      readableNumber(dataset.kept),
      readableNumber(dataset.repeated),
      readableNumber(quarantinedOf(dataset)),
      quarantineReasons(dataset.quarantined),
      readableNumber(dataset.erased),
    ]),
    numeric: [1, 2, 3, 4, 6],
  });
}

function lagTable(lag: readonly StreamLag[]): string {
  return htmlTable({
    id: 'lag',
    caption: 'How far each shard is behind its head',
    headings: ['Stream', 'Shard', 'Records', 'Oldest of them'],
    rows: lag.map(({ stream, shard, records, milliseconds }) => [
      escapeHtml(stream),
      escapeHtml(shard),
      records === null ? nullMark : readableNumber(records),
      milliseconds === null ? nullMark : `${readableNumber(Math.round(milliseconds))} ms`,
    ]),
    numeric: [2, 3],
  });
}

const verdicts: Readonly<Record<Comparison['verdict'], string>> = {
  same: 'Batch and stream hold the same rows and give the same answers.',
  different: 'All posts have passed through both, and yet batch and stream differ.',
  'under way':
    'Posts are on their way: one has some that the other does not have yet. Pause the emulator to compare.',
};

function verdictOn({ at, verdict }: Comparison): string {
  return `<p class="verdict ${verdict.replace(' ', '-')}"><a href="#comparison">Batch and stream</a>: ${verdicts[verdict]} <small>Compared at ${timeOfDay(at)} UTC.</small></p>`;
}

function comparisonOf({ at, parts }: Comparison): string {
  return `<h2>Batch and stream</h2>
<p>The same posts, processed by both. Compared at ${readableTime(at)}:</p>
${htmlTable({
  id: 'compared',
  caption: 'Rows of batch and stream',
  headings: ['What', 'Batch', 'Stream', 'Same'],
  rows: parts.map((part) => [
    escapeHtml(part.what),
    readableNumber(part.batch),
    readableNumber(part.stream),
    part.same ? 'yes' : 'no',
  ]),
  numeric: [1, 2],
})}`;
}
