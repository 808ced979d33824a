/** The effect of an erasure, for a terminal and for programs. */
import type { Erased } from '../erase/erase.ts';
import type { Verification } from '../erase/verify/verify.ts';
import { textTable } from './terminal/text_tables.ts';

const schema = { table: 'text', rows: 'bigint', files: 'bigint' } as const;

/** Rows by table and lines by dataset of landing files. */
export function printedErased(
  { tables, landing }: Erased,
  keys: readonly number[],
  isDryRun: boolean,
): string {
  const what = keys.length === 0 ? 'What earlier erasures left' : `${keys.length} posts`;
  const rows = tables.map(({ table, rows: count, files }) => ({ table, rows: count, files }));
  return [
    `${what}: ${isDryRun ? 'these rows would go' : 'these rows go'}, and answers are made anew`,
    textTable(schema, [...rows, ...landingRows(landing)]),
    '',
  ].join('\n');
}

function landingRows({ files }: Erased['landing']) {
  const topics = [...new Set(files.map(({ file }) => file.topic))];
  return topics.map((topic) => {
    const ofTopic = files.filter(({ file }) => file.topic === topic);
    return {
      table: `landing topics/${topic}`,
      rows: ofTopic.reduce((sum, { lines }) => sum + lines, 0),
      files: ofTopic.length,
    };
  });
}

/** Copies that an erasure does not reach. */
export const whatElseHoldsCopies = [
  'Older versions of the tables hold the rows until `npm run maintain -- --lake DIR` removes their files: those removed more than ' +
    '168 hours ago, or so many as --retain says.',
  'The log behind topics and streams holds the records until its retention ends; read again, they are dropped.',
  'Backups, replicas, and older versions of objects in a bucket hold them until they end. Restored landing files are dropped by ' +
    'the next batch, restored tables by the next erasure or batch.',
  'Reports, files written by --json and dashboards show the answers as they were until they are made again.',
];

/** The erasure as plain values. */
export function jsonOfErasure({ tables, landing }: Erased, keys: readonly number[], isDryRun: boolean) {
  return {
    dryRun: isDryRun,
    keys,
    tables,
    landing: landing.files.map(({ file, lines, isAll }) => ({ file: file.path, lines, removed: isAll })),
    unreadable: landing.unreadable.map(({ path, error }) => ({ file: path, error: error.message })),
    copies: whatElseHoldsCopies,
  };
}

/** The result of a search for erased posts, for a terminal. */
export function printedVerification(
  { files, copies, unreadable }: Verification,
  keys: number,
  values: number,
): string {
  return [
    `Searched ${files} files for ${keys} keys and ${values} values: ${copies.length} hold copies`,
    ...copies.map(
      ({ file, within, traces, until }) => `${within}/${file}: a ${traces.join(' and a ')}; ${until}`,
    ),
    ...unreadable.map(({ file, error }) => `${file} could not be searched: ${error.message}`),
    '',
  ].join('\n');
}

/** The same as plain values. */
export function jsonOfVerification({ files, copies, unreadable }: Verification) {
  return { files, copies, unreadable: unreadable.map(({ file, error }) => ({ file, error: error.message })) };
}
