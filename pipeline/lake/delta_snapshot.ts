/** What a Delta table is at a version: the actions up to there, reconciled (Delta protocol, "Action Reconciliation"). */

import type { Action, Add, Metadata, Protocol, Remove } from './delta_actions.ts';
import { checkpointOf, readCheckpoint, versionHint } from './delta_checkpoint.ts';
import { DeltaError } from './delta_error.ts';
import { namesInLog, paddedVersion, readEntry } from './delta_log.ts';

/** A table at one version. */
export interface Snapshot {
  readonly version: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  /** The files that hold the rows, by path. */
  readonly files: ReadonlyMap<string, Add>;
  /** Files that are no longer part of the table, by path, kept for those who still read older versions. */
  readonly removed: ReadonlyMap<string, Remove>;
  /** The last version of each application that writes exactly once. */
  readonly transactions: ReadonlyMap<string, number>;
}

/**
 * Reads the latest snapshot, or that of a version.
 * @throws DeltaError when there is no Delta table, no such version, or one of a protocol that is not supported
 */
export async function readSnapshot(table: string, version?: number): Promise<Snapshot> {
  const snapshot = await snapshotAt(table, version);
  if (snapshot === undefined) {
    throw await noTableError(table);
  }
  return snapshot;
}

/** The latest snapshot, undefined when there is no Delta table yet. */
export async function latestSnapshot(table: string): Promise<Snapshot | undefined> {
  const snapshot = await snapshotAt(table);
  if (snapshot === undefined && (await namesInLog(table)).some((name) => /^\d{20}\.json$/.test(name))) {
    throw await noTableError(table);
  }
  return snapshot;
}

async function snapshotAt(table: string, version?: number): Promise<Snapshot | undefined> {
  const hint = version === undefined ? await versionHint(table) : undefined;
  const start = (await startAt(table, hint)) ?? (await startAt(table, await lastCheckpoint(table, version)));
  const replay = start ?? new Replay(table);
  await replay.advance(version);
  if (replay.version < 0) {
    return undefined;
  }
  if (version !== undefined && replay.version !== version) {
    throw new DeltaError(
      `The Delta table ${table} has no version ${version}; its latest is ${replay.version}.`,
    );
  }
  return replay.snapshot();
}

/** The snapshot with the entries that were committed since. */
export async function refreshed(table: string, snapshot: Snapshot): Promise<Snapshot> {
  const replay = new Replay(table, snapshot);
  await replay.advance();
  return replay.version === snapshot.version ? snapshot : replay.snapshot();
}

async function startAt(table: string, version: number | undefined): Promise<Replay | undefined> {
  const actions = version === undefined ? undefined : await readCheckpoint(table, version);
  if (version === undefined || actions === undefined) {
    return undefined;
  }
  const replay = new Replay(table);
  replay.apply(version, actions);
  return replay;
}

async function lastCheckpoint(table: string, upTo = Number.POSITIVE_INFINITY): Promise<number | undefined> {
  const versions = (await namesInLog(table)).flatMap((name) => checkpointOf(name) ?? []);
  const usable = versions.filter((version) => version <= upTo).sort((a, b) => b - a);
  return usable[0];
}

async function noTableError(table: string): Promise<DeltaError> {
  const entries = (await namesInLog(table)).filter((name) => /^\d{20}\.json$/.test(name)).sort();
  const [first] = entries;
  return first === undefined
    ? new DeltaError(
        `${table} is not a Delta table: it has no log (_delta_log). Create the table, or name its folder.`,
      )
    : new DeltaError(
        `The Delta table ${table} cannot be read at that version: its log begins with ${first} and no checkpoint ` +
          `before it is there; ${paddedVersion(0)}.json is missing.`,
      );
}

/** Applies one version after another. */
class Replay {
  version: number;
  private protocol: Protocol | undefined;
  private metadata: Metadata | undefined;
  private readonly files: Map<string, Add>;
  private readonly removed: Map<string, Remove>;
  private readonly transactions: Map<string, number>;

  constructor(
    private readonly table: string,
    from?: Snapshot,
  ) {
    this.version = from?.version ?? -1;
    this.protocol = from?.protocol;
    this.metadata = from?.metadata;
    this.files = new Map(from?.files);
    this.removed = new Map(from?.removed);
    this.transactions = new Map(from?.transactions);
  }

  /** Applies the entries that follow, up to a version or to the last one. */
  async advance(upTo = Number.POSITIVE_INFINITY): Promise<void> {
    while (this.version < upTo) {
      const actions = await readEntry(this.table, this.version + 1);
      if (actions === undefined) {
        return;
      }
      this.apply(this.version + 1, actions);
    }
  }

  apply(version: number, actions: readonly Action[]): void {
    for (const { add, remove, metaData, protocol, txn } of actions) {
      if (protocol) this.protocol = protocol;
      if (metaData) this.metadata = metaData;
      if (txn) this.transactions.set(txn.appId, txn.version);
      if (remove) {
        this.files.delete(remove.path);
        this.removed.set(remove.path, remove);
      }
      if (add) {
        this.removed.delete(add.path);
        this.files.set(add.path, add);
      }
    }
    this.version = version;
  }

  snapshot(): Snapshot {
    const { version, protocol, metadata, files, removed, transactions } = this;
    if (protocol === undefined || metadata === undefined) {
      throw new DeltaError(
        `The log of the Delta table ${this.table} has no ${protocol === undefined ? 'protocol' : 'metaData'} ` +
          `up to version ${version}, so it is damaged. Restore the log from a backup.`,
      );
    }
    return { version, protocol, metadata, files, removed, transactions };
  }
}
