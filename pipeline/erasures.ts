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
import { againOnConflict } from './delta/conflicts.ts';
import type { RemoveOptions } from './delta/remove_rows.ts';
import { type DeltaOptions, DeltaTable, tablePath, type WriteOptions } from './delta/table.ts';
import type { Schema } from './plan/types.ts';

const erasuresSchema = {
  ind: 'bigint',
  erased_at: 'timestamp',
  reason: 'text',
  returns: 'boolean',
} as const satisfies Schema;

/** The application whose `txn` in a table's log tells the erasures that it was freed of. */
export const erasuresApp = 'erasures';

/** The property of a table that changes with this `txn`. */
const erasedUpToProperty = 'pinterest.erasedUpTo';

/** Attempts to append while others do. */
const attempts = 20;

/** One erasure. */
export interface Erasure {
  readonly key: number;
  /** Milliseconds since 1970. */
  readonly erasedAt: number;
  readonly returns: boolean;
}

/** The erasures of a lake at one moment. */
export class Erasures {
  static readonly none = new Erasures([]);
  /** The last erasure of each key. */
  private readonly last = new Map<number, Erasure>();
  /** The time of the last one in whole milliseconds since 1970, rounded up; −1 when there is none. */
  readonly upTo: number = -1;

  constructor(erasures: Iterable<Erasure>) {
    for (const erasure of erasures) {
      const { key, erasedAt } = erasure;
      if (erasedAt >= (this.last.get(key)?.erasedAt ?? erasedAt)) {
        this.last.set(key, erasure);
      }
      this.upTo = Math.max(this.upTo, Math.ceil(erasedAt));
    }
  }

  static of(table: ColumnarTable): Erasures {
    return new Erasures(
      rowsOf(table).flatMap(({ ind, erased_at, returns }) =>
        ind === null || erased_at === null
          ? []
          : [{ key: Number(ind), erasedAt: Number(erased_at), returns: returns === true }],
      ),
    );
  }

  /** The number of keys. */
  get size(): number {
    return this.last.size;
  }

  /** These, and further ones that come after them, as if they were committed now. */
  with(keys: Iterable<number>, returns: boolean, now: number): Erasures {
    const erasedAt = Math.max(now, this.upTo + 1);
    return new Erasures([...this.last.values(), ...Array.from(keys, (key) => ({ key, erasedAt, returns }))]);
  }

  /** The keys whose last erasure is after a time, such as `erasuresApplied` gives. */
  keysAfter(time: number): ReadonlySet<number> {
    return new Set([...this.last.values()].flatMap(({ key, erasedAt }) => (erasedAt > time ? [key] : [])));
  }

  /** By key, the last time at which nothing counts that is posted with it: Infinity when nothing ever does. */
  get until(): ReadonlyMap<number, number> {
    return new Map(
      Array.from(this.last.values(), ({ key, erasedAt, returns }) => [key, returns ? erasedAt : Infinity]),
    );
  }

  /**
   * Tells whether a row counts.
   * @param postedAt milliseconds since 1970: of the record in its log, or of the landing file's last change
   */
  counts(key: number, postedAt: number): boolean {
    const last = this.last.get(key);
    return last === undefined || (last.returns && postedAt > last.erasedAt);
  }

  /** The `txn` of a commit after which a table has no row that was erased up to now. */
  get txn(): NonNullable<WriteOptions['txn']> {
    return { appId: erasuresApp, version: this.upTo };
  }

  /** The options of a commit that only takes rows out: no transaction of Spark passes it by, and the notebook's states follow it. */
  get commit(): Pick<RemoveOptions, 'txn' | 'userMetadata' | 'properties'> {
    return {
      txn: this.txn,
      userMetadata: JSON.stringify({ erased: this.upTo }),
      properties: { [erasedUpToProperty]: String(this.upTo) },
    };
  }
}

/** The time up to which a table was freed of erased rows, in milliseconds since 1970; −1 when it never was. */
export async function erasuresApplied(table: Pick<DeltaTable, 'txnVersion'>): Promise<number> {
  return (await table.txnVersion(erasuresApp)) ?? -1;
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
    this.current = Erasures.of(await this.table.read({ version }));
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
  await againOnConflict(attempts, async () => {
    const readVersion = await table.refresh();
    const { upTo } = Erasures.of(await table.read({ version: readVersion }));
    const erased_at = Math.max((options.clock ?? Date.now)(), upTo + 1);
    const rows = Array.from(keys, (ind) => ({ ind, erased_at, reason, returns }));
    await table.append([tableOfRows(erasuresSchema, rows)], { readVersion });
  });
  return Erasures.of(await table.read());
}

function erasuresPath(lake: string): string {
  return tablePath(lake, 'erasures');
}
