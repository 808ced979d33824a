/** The state of a Delta table at a version: the actions up to there, reconciled (Delta protocol, "Action Reconciliation"). */

import { StorageError } from '../storage/error.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import type { Action, Add, Metadata, Protocol, Remove } from './actions.ts';
import {
  type Checkpoint,
  checkpointHint,
  readCheckpoint,
  unusedCheckpoints,
  versionOfLogFile,
  wholeCheckpoints,
} from './checkpoint_read.ts';
import type { DeltaEnvironment } from './environment.ts';
import { DeltaError } from './error.ts';
import { decodedPath } from './files.ts';
import { entryPath, logFolder, namesInLog, paddedVersion, readEntry } from './log.ts';

/** A table at one version. */
export interface Snapshot {
  readonly version: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  /** The files that hold the rows, by decoded path. */
  readonly files: ReadonlyMap<string, Add>;
  /** Files that are no longer part of the table, by decoded path, kept for readers of older versions. */
  readonly removed: ReadonlyMap<string, Remove>;
  /** The last `txn` version of each application that writes exactly once. */
  readonly transactions: ReadonlyMap<string, number>;
}

/** The snapshot of an open table. It follows the log in place, so a commit costs its own size and not the table's. */
export class TableState implements Snapshot {
  version = -1;
  /** The last version seen that changed rows, columns or protocol; a compaction does not. */
  changedVersion = -1;
  readonly files = new Map<string, Add>();
  readonly removed = new Map<string, Remove>();
  readonly transactions = new Map<string, number>();
  private lastProtocol: Protocol | undefined;
  private lastMetadata: Metadata | undefined;

  constructor(private readonly storage: ObjectStore) {}

  get protocol(): Protocol {
    return this.lastProtocol ?? this.missing('protocol');
  }

  get metadata(): Metadata {
    return this.lastMetadata ?? this.missing('metaData');
  }

  /** Applies the entries that follow, up to a version or to the latest. */
  async advance(upTo = Number.POSITIVE_INFINITY): Promise<void> {
    while (this.version < upTo) {
      const next = this.version + 1;
      const actions = await readEntry(this.storage, next);
      if (actions === undefined) {
        return;
      }
      this.apply(next, actions);
    }
  }

  /**
   * Applies the entries that others have committed before this writer could commit a version.
   * @throws DeltaError when there is none: trying again would never end
   */
  async advancePast(version: number): Promise<void> {
    await this.advance();
    if (this.version < version) {
      throw new DeltaError(
        `Version ${version} of the Delta table ${this.storage.name} can neither be written nor read: something else is in ` +
          `the place of ${entryPath(version)}, such as a broken link. Remove it.`,
      );
    }
  }

  /**
   * Applies one version; one that was applied before is ignored.
   * @throws DeltaError for a path that cannot be decoded, or a deletion vector that the protocol does not declare
   */
  apply(version: number, actions: readonly Action[]): void {
    if (version <= this.version) {
      return;
    }
    this.checkVectors(version, actions);
    const key = ({ path }: { readonly path: string }) => decodedPath(this.storage.name, path);
    for (const { remove, metaData, protocol, txn } of actions) {
      if (protocol) {
        this.lastProtocol = protocol;
      }
      if (metaData) {
        this.lastMetadata = metaData;
      }
      if (txn) {
        this.transactions.set(txn.appId, txn.version);
      }
      if (remove) {
        this.files.delete(key(remove));
        this.removed.set(key(remove), remove);
      }
    }
    // After what is removed: a file that gets a deletion vector is removed and added again in one version.
    for (const { add } of actions) {
      if (add) {
        this.removed.delete(key(add));
        this.files.set(key(add), add);
      }
    }
    this.version = version;
    if (actions.some(isChange)) {
      this.changedVersion = version;
    }
  }

  /** Forgets the files that were removed before a time, in milliseconds since 1970: no reader needs them any more. */
  forgetRemovedBefore(time: number): void {
    for (const [path, { deletionTimestamp }] of this.removed) {
      if ((deletionTimestamp ?? 0) <= time) {
        this.removed.delete(path);
      }
    }
  }

  /** Checks deletion vectors: writers who do not know of them would bring deleted rows back, and checkpoints lack them. */
  private checkVectors(version: number, actions: readonly Action[]): void {
    const protocol = actions.findLast((action) => action.protocol)?.protocol ?? this.lastProtocol;
    const file = actions.find(({ add }) => add?.deletionVector)?.add;
    if (file && !protocol?.readerFeatures?.includes('deletionVectors')) {
      throw new DeltaError(
        `Version ${version} of the Delta table ${this.storage.name} has a deletion vector for ${file.path}, but its protocol ` +
          'does not declare deletionVectors. Turn them on with the writer that made it (delta.enableDeletionVectors), or ' +
          'write the table again.',
      );
    }
  }

  private missing(action: string): never {
    throw new DeltaError(
      `The log of the Delta table ${this.storage.name} has no ${action} up to version ${this.version}, ` +
        'so it is damaged. Restore the log from a backup.',
    );
  }
}

function isChange({ add, remove, metaData, protocol, txn }: Action): boolean {
  return Boolean(add?.dataChange || remove?.dataChange || metaData || protocol || txn);
}

/**
 * Reads the latest state, or that of a version.
 * @throws DeltaError when the Delta table or the version does not exist, or the log is damaged
 */
export async function readState(
  environment: Pick<DeltaEnvironment, 'storage' | 'warn'>,
  version?: number,
): Promise<TableState> {
  const state = await stateIfExists(environment, version);
  if (state === undefined) {
    throw new DeltaError(
      `${environment.storage.name} is not a Delta table: it has no log (_delta_log). Create the table, or name its folder.`,
    );
  }
  if (version !== undefined && state.version !== version) {
    throw new DeltaError(
      `The Delta table ${environment.storage.name} has no version ${version}; its latest is ${state.version}.`,
    );
  }
  return state;
}

/**
 * Reads the latest state, or that of a version which the table has reached; undefined when the Delta table does not exist.
 *
 * The hint names the last checkpoint without a listing, and only the entries after it are read. Where the hint or the
 * checkpoint is damaged, the log is listed, and an older checkpoint or the whole log gives the same state.
 */
export async function stateIfExists(
  { storage, warn }: Pick<DeltaEnvironment, 'storage' | 'warn'>,
  version?: number,
): Promise<TableState | undefined> {
  const damaged: string[] = [];
  const stateFrom = async (checkpoint: Checkpoint): Promise<TableState | undefined> => {
    const state = new TableState(storage);
    try {
      state.apply(checkpoint.version, await readCheckpoint(storage, checkpoint));
    } catch (error) {
      if (!(error instanceof DeltaError || error instanceof StorageError)) {
        throw error;
      }
      damaged.push(error.message);
      return undefined;
    }
    await state.advance(version);
    return state;
  };
  const hint = version === undefined ? await checkpointHint(storage) : undefined;
  const hinted = hint === undefined ? undefined : await stateFrom(hint);
  if (hinted !== undefined) {
    return hinted;
  }
  const names = await namesInLog(storage);
  const checkpoints = wholeCheckpoints(names).filter(
    (found) =>
      found.version <= (version ?? found.version) &&
      !(found.version === hint?.version && found.parts === hint.parts),
  );
  let state: TableState | undefined;
  for (const checkpoint of checkpoints) {
    state ??= await stateFrom(checkpoint);
  }
  if (state === undefined) {
    state = new TableState(storage);
    await state.advance(version);
  }
  const last = names.reduce((found, name) => Math.max(found, versionOfLogFile(name) ?? -1), -1);
  if (state.version < Math.min(last, version ?? last)) {
    throw incomplete(storage, state.version + 1, [...damaged, ...unusedCheckpoints(names)]);
  }
  const traces = names.filter((name) => !isUnfinished(name));
  if (state.version < 0 && traces.length > 0) {
    throw notUnderstood(storage, traces);
  }
  for (const message of damaged) {
    warn(`${message} The log was read without it.`);
  }
  return state.version < 0 ? undefined : state;
}

/** Tells the file of a writer that was killed before its first commit, of this project or of Spark. */
function isUnfinished(name: string): boolean {
  return /^\..*\.tmp(\.crc)?$/.test(name);
}

function notUnderstood(storage: ObjectStore, names: readonly string[]): DeltaError {
  return new DeltaError(
    `The folder ${storage.name}/${logFolder} holds no log entry and no checkpoint, but ${names.slice(0, 3).join(', ')}: its ` +
      'log was removed, or is of a kind that is not known. Restore it from a backup; or move the folder of the table away, ' +
      'if it is to be made again.',
  );
}

function incomplete(storage: ObjectStore, missing: number, damaged: readonly string[]): DeltaError {
  const why = damaged.length === 0 ? '' : ` (${damaged.join(' ')})`;
  return new DeltaError(
    `The Delta table ${storage.name} cannot be read at that version: its log lacks ${entryPath(missing)}, ` +
      `and no checkpoint from ${paddedVersion(missing)} on can be read${why}.`,
  );
}
