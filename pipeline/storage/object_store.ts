/** Where a Delta table lies: a folder, or a place on S3. Paths are relative to the table, with `/`. */

/** What is told of a file when files are listed. */
export interface ObjectMeta {
  /** Its name in the folder that was listed. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last written, milliseconds since 1970. */
  readonly modified: number;
}

/** A file that is read in parts. */
export interface ObjectReader {
  /** Bytes. */
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** A file that is being written: it is there, whole and durable, when `finish` resolves. */
export interface ObjectWriter {
  /** Takes bytes, which may be used again when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Ends without the file. */
  abandon(): Promise<void>;
}

export interface ObjectStore {
  /** The folder or URL of the table, as messages name it. */
  readonly name: string;
  /** The bytes of a file, undefined when it is not there. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** @throws DeltaError when it is not there */
  open(path: string): Promise<ObjectReader>;
  /** The files in a folder, without those in folders below it, in any order; none when there is no such folder. */
  list(folder: string): Promise<ObjectMeta[]>;
  /** The names of the folders in a folder. */
  listFolders(folder: string): Promise<string[]>;
  /**
   * Writes a file where there is none, wholly or not at all: of two writers one wins.
   * @returns false when there is one already
   */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Writes a file or takes another's place: who reads sees the old one or the new one. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Begins a new file with a name that nobody else uses. */
  create(path: string): Promise<ObjectWriter>;
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>;
}

/** The storage of a table at a folder's path or at `s3://bucket/prefix`. @throws DeltaError when the URL is wrong */
export async function openObjectStore(table: string): Promise<ObjectStore> {
  // The AWS client takes half a second to load: only who uses it waits for it.
  return table.startsWith('s3:')
    ? (await import('./s3.ts')).s3Store(table)
    : (await import('./local.ts')).localStore(table);
}

/** The path of a table below a lake, which is a folder or an S3 URL. */
export function tablePath(lake: string, ...names: readonly string[]): string {
  return [lake.replace(/\/+$/, ''), ...names].join('/');
}
