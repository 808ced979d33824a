/**
 * Posts from the three tables of a MySQL database: a random row of the first, and the rows of the same key in the
 * others. A row is found by its key, so it costs the same however long the tables are.
 */
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import type { Post, RawEvent } from '../event.ts';
import type { Database, Row } from '../mysql/database.ts';
import { checkDistinctKeys, checkKeys, exactKey } from '../mysql/keys.ts';
import { columnList, eventOfRow, quoted } from '../mysql/tables.ts';
import type { PostSource } from './source.ts';

export interface MysqlSourceOptions {
  readonly database: Database;
  /** The first one's table says which keys there are. */
  readonly datasets: readonly Dataset[];
  /** At least 0 and below 1. Default: Math.random. */
  readonly random?: () => number;
}

/** Number of random keys that may hit a gap before the next row after one is taken. */
const gapTries = 16;
/** The bounds of the keys are looked up anew after so many rows, because tables grow. */
const rowsPerLook = 1000;
const rowsPerPage = 500;

/**
 * Random rows without end. Keys are drawn evenly between the smallest and the largest, and drawn again when there is no
 * such row, so that every row is as likely as any other; where rows are so far apart that this fails sixteen times,
 * the next row behind is taken.
 */
export function randomMysqlSource({
  database,
  datasets,
  random = Math.random,
}: MysqlSourceOptions): PostSource {
  const [first] = datasets;
  let bounds: Promise<Bounds> | undefined;
  let looks = 0;
  let checked: Promise<void> | undefined;
  return {
    next: async (signal) => {
      if (first === undefined) {
        return null;
      }
      return unlessAborted(signal, async () => {
        checked ??= checkAllKeys(database, datasets, signal);
        await checked;
        if (bounds === undefined || looks % rowsPerLook === 0) {
          bounds = boundsOf(database, first, signal);
        }
        looks += 1;
        const { low, high } = await bounds;
        const row = await randomRow(
          database,
          first,
          () => low + Math.floor(random() * (high - low + 1)),
          signal,
        );
        const key = Number(row[first.key]);
        const others = await Promise.all(
          datasets.slice(1).map((dataset) => rowOf(database, dataset, key, signal)),
        );
        return postOf(datasets, [row, ...others]);
      });
    },
    close: () => database.close(),
  };
}

/** Every row once, by key: the first table is walked page by page, each page from where the last one ended. */
export function orderedMysqlSource({ database, datasets }: MysqlSourceOptions): PostSource {
  let page: Post[] = [];
  let after = -Infinity;
  let reading: Promise<void> = Promise.resolve();
  let checked: Promise<unknown> | undefined;
  const turn = async (signal: AbortSignal): Promise<Post | null> => {
    checked ??= checkAllKeys(database, datasets, signal).then(() =>
      Promise.all(datasets.slice(1).map((dataset) => checkDistinctKeys(database, dataset, signal))),
    );
    await checked;
    if (page.length === 0) {
      const found = await readPage(database, datasets, after, signal);
      after = found.last;
      page = found.posts;
    }
    return page.shift() ?? null;
  };
  return {
    next: (signal) => {
      // One at a time: the next page begins where this one ends.
      const post = reading.then(() => unlessAborted(signal, () => turn(signal)));
      reading = post.then(
        () => {},
        () => {},
      );
      return post;
    },
    close: () => database.close(),
  };
}

async function checkAllKeys(
  database: Database,
  datasets: readonly Dataset[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(datasets.map((dataset) => checkKeys(database, dataset, signal)));
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

async function boundsOf(database: Database, dataset: Dataset, signal: AbortSignal): Promise<Bounds> {
  const key = quoted(dataset.key);
  const table = quoted(dataset.sourceTable);
  const [row] = await database.query(
    `SELECT MIN(${key}) AS low, MAX(${key}) AS high FROM ${table}`,
    [],
    signal,
  );
  if (row === undefined || row.low === null) {
    throw new Error(`The table ${dataset.sourceTable} is empty. "npm run seed" fills it.`);
  }
  return { low: exactKey(dataset, row.low), high: exactKey(dataset, row.high) };
}

async function randomRow(
  database: Database,
  dataset: Dataset,
  randomKey: () => number,
  signal: AbortSignal,
): Promise<RawEvent> {
  for (let attempt = 1; ; attempt += 1) {
    const wanted = randomKey();
    const [row] = await database.query(
      `${selectFrom(dataset)} >= ? ORDER BY ${quoted(dataset.key)} LIMIT 1`,
      [wanted],
      signal,
    );
    if (row === undefined) {
      throw new Error(`The table ${dataset.sourceTable} lost its last rows while they were read.`);
    }
    const event = eventOfRow(dataset, row);
    if (event[dataset.key] === wanted || attempt > gapTries) {
      return event;
    }
  }
}

async function rowOf(
  database: Database,
  dataset: Dataset,
  key: number,
  signal: AbortSignal,
): Promise<RawEvent | undefined> {
  const [row] = await database.query(`${selectFrom(dataset)} = ? LIMIT 1`, [key], signal);
  return row && eventOfRow(dataset, row);
}

async function readPage(
  database: Database,
  datasets: readonly Dataset[],
  after: number,
  signal: AbortSignal,
): Promise<{ posts: Post[]; last: number }> {
  const [first, ...others] = datasets;
  if (first === undefined) {
    return { posts: [], last: after };
  }
  const order = `ORDER BY ${quoted(first.key)} LIMIT ${rowsPerPage}`;
  const from = after === -Infinity ? '-9223372036854775808' : String(after);
  const found = await database.query(`${selectFrom(first)} > ${from} ${order}`, [], signal);
  const events = (await wholeLastKey(database, first, found, signal)).map((row) => eventOfRow(first, row));
  const keys = events.map((event) => exactKey(first, event[first.key]));
  const [low = after, high = after] = [keys.at(0), keys.at(-1)];
  const rest = await Promise.all(
    others.map((dataset) => rowsBetween(database, dataset, low, high, events.length > 0, signal)),
  );
  const posts = events.map((event, place) =>
    postOf(datasets, [event, ...rest.map((byKey) => byKey.get(keys[place] ?? low))]),
  );
  return { posts, last: high };
}

/** The rows of a page and, where it is full, all rows of its last key: rows that share a key stay on one page. */
async function wholeLastKey(
  database: Database,
  dataset: Dataset,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const last = rows.at(-1)?.[dataset.key];
  if (rows.length < rowsPerPage || last === undefined) {
    return rows;
  }
  const key = exactKey(dataset, last);
  const ofLast = await database.query(`${selectFrom(dataset)} = ?`, [key], signal);
  return [...rows.filter((row) => row[dataset.key] !== last), ...ofLast];
}

async function rowsBetween(
  database: Database,
  dataset: Dataset,
  low: number,
  high: number,
  any: boolean,
  signal: AbortSignal,
): Promise<Map<number, RawEvent>> {
  const rows = any ? await database.query(`${selectFrom(dataset)} BETWEEN ? AND ?`, [low, high], signal) : [];
  return new Map(rows.map((row) => [Number(row[dataset.key]), eventOfRow(dataset, row)]));
}

function selectFrom(dataset: Dataset): string {
  return `SELECT ${columnList(dataset)} FROM ${quoted(dataset.sourceTable)} WHERE ${quoted(dataset.key)}`;
}

/** The events that are there: a post may lack a row in some table. */
function postOf(datasets: readonly Dataset[], events: readonly (RawEvent | undefined)[]): Post {
  return Object.fromEntries(
    datasets.flatMap(({ name }, place) => {
      const event = events[place];
      return event === undefined ? [] : [[name, event] as const];
    }),
  );
}

/** Gives null when the signal is aborted: an emulation that ends needs no further post. */
async function unlessAborted(signal: AbortSignal, ask: () => Promise<Post | null>): Promise<Post | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted) {
      return null;
    }
    throw error;
  }
}
