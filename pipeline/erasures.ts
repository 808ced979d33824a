/**
 * The posts that were erased: the Delta table `<lake>/erasures`, which is only ever appended to. An erasure holds for every dataset
 * and for both paths from the commit of its row on (docs/decisions/erasures.md).
 *
 * ```ts
 * const log = new ErasureLog(lake);
 * if (await log.refresh()) {
 *   for (const key of log.erasures.keysAfter(await erasuresApplied(silver))) …
 * }
 * log.erasures.counts(7528, postedAt);
 * ```
 *
 * A table of silver or quarantine says which erasures its rows were taken out for, by the `txn` of the commit that took them
 * out. Whoever writes to such a table takes out the rest first. So rows that returned after an erasure are not taken for older ones.
 */
import { type ColumnarTable, rowsOf, tableOfRows } from './columns/table.ts';
import { DeltaConflictError } from './delta/error.ts';
import { type DeltaOptions, DeltaTable, tablePath, type WriteOptions } from './delta/table.ts';
import type { Schema } from './plan/types.ts';

export const erasuresSchema = {
  ind: 'bigint',
  erased_at: 'timestamp',
  reason: 'text',
  returns: 'boolean',
} as const satisfies Schema;

/** The application whose `txn` in a table's log tells the erasures that it was freed of. */
const appId = 'erasures';

/** Attempts to append while others do. */
const attempts = 20;

/** The last erasure of a key. */
interface LastErasure {
  /** Milliseconds since 1970. */
  readonly erasedAt: number;
  readonly returns: boolean;
}

/** The erasures of a lake at one moment. */
export class Erasures {
  static readonly none = new Erasures();
  private readonly last = new Map<number, LastErasure>();
  /** The time of the last one in whole milliseconds since 1970, rounded up; −1 when there is none. */
  readonly upTo: number = -1;

  constructor(table?: ColumnarTable) {
    for (const { ind, erased_at, returns } of table === undefined ? [] : rowsOf(table)) {
      const erasedAt = Number(erased_at);
      const before = this.last.get(Number(ind));
      if (ind !== null && (before === undefined || before.erasedAt <= erasedAt)) {
        this.last.set(Number(ind), { erasedAt, returns: returns === true });
      }
      this.upTo = Math.max(this.upTo, Math.ceil(erasedAt));
    }
  }

  /** The number of keys. */
  get size(): number {
    return this.last.size;
  }

  get keys(): Iterable<number> {
    return this.last.keys();
  }

  /** The keys whose last erasure is after a time, such as `erasuresApplied` gives. */
  keysAfter(time: number): ReadonlySet<number> {
    return new Set([...this.last].flatMap(([key, { erasedAt }]) => (erasedAt > time ? [key] : [])));
  }

  /**
   * The keys of which nothing counts that was posted at a time.
   * @param postedAt milliseconds since 1970: of the record in its log, or of the landing file's last change
   */
  keysAt(postedAt: number): ReadonlySet<number> {
    return new Set([...this.last.keys()].filter((key) => !this.counts(key, postedAt)));
  }

  /** Tells whether a row with a key that was posted at a time counts, as `keysAt` does for one key. */
  counts(key: number, postedAt: number): boolean {
    const last = this.last.get(key);
    return last === undefined || (last.returns && postedAt > last.erasedAt);
  }

  /** The `txn` of a commit after which a table has no row that was erased up to now. */
  get txn(): NonNullable<WriteOptions['txn']> {
    return { appId, version: this.upTo };
  }
}

/** The time up to which a table was freed of erased rows, in milliseconds since 1970; −1 when it never was. */
export async function erasuresApplied(table: Pick<DeltaTable, 'txnVersion'>): Promise<number> {
  return (await table.txnVersion(appId)) ?? -1;
}

/** Follows the erasures of a lake. A lake without any costs a look for the table. */
export class ErasureLog {
  private table: DeltaTable | undefined;
  private version = -1;
  private current = Erasures.none;

  constructor(
    private readonly lake: string,
    private readonly options: DeltaOptions = {},
  ) {}

  /** The erasures as of the last `refresh`; none before it. */
  get erasures(): Erasures {
    return this.current;
  }

  /** Reads the erasures that were committed since. @returns whether there are any @throws DeltaError */
  async refresh(): Promise<boolean> {
    this.table ??= await DeltaTable.openIfExists(erasuresPath(this.lake), this.options);
    const version = await this.table?.refresh();
    if (this.table === undefined || version === undefined || version === this.version) {
      return false;
    }
    const before = this.current.upTo;
    this.current = new Erasures(await this.table.read({ version }));
    this.version = version;
    return this.current.upTo > before;
  }
}

/** The erasures of a lake now. @throws DeltaError */
export async function readErasures(lake: string): Promise<Erasures> {
  const log = new ErasureLog(lake);
  await log.refresh();
  return log.erasures;
}

/**
 * Commits erasures, all with one time. It is after that of every earlier one, whatever this machine's clock says.
 * @returns all erasures of the lake
 * @throws DeltaError
 */
export async function appendErasures(
  lake: string,
  keys: Iterable<number>,
  { reason, returns }: { readonly reason: string | null; readonly returns: boolean },
  options: DeltaOptions = {},
): Promise<Erasures> {
  const table = await DeltaTable.openOrCreate(erasuresPath(lake), erasuresSchema, options);
  for (let attempt = 1; ; attempt += 1) {
    const readVersion = await table.refresh();
    const { upTo } = new Erasures(await table.read({ version: readVersion }));
    const erased_at = Math.max((options.clock ?? Date.now)(), upTo + 1);
    const rows = Array.from(keys, (ind) => ({ ind, erased_at, reason, returns }));
    try {
      await table.append([tableOfRows(erasuresSchema, rows)], { readVersion });
      return new Erasures(await table.read());
    } catch (error) {
      if (!(error instanceof DeltaConflictError) || attempt === attempts) {
        throw error;
      }
    }
  }
}

function erasuresPath(lake: string): string {
  return tablePath(lake, 'erasures');
}
