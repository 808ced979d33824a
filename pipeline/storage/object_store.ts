/** The storage below all tables and landing files: a folder or a prefix of an S3 bucket. Paths are relative, with `/`. */

/** A file as a listing describes it. */
export interface ObjectMeta {
  /** Its path below the folder that was listed. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last write, whole milliseconds since 1970. */
  readonly modified: number;
}

export interface ListOptions {
  /** Lists the files of folders below, too. */
  readonly recursive?: boolean;
  /** Chooses the symbolic links that are followed, by name: what they lead to is listed below it. S3 has none. */
  readonly followLinks?: (name: string) => boolean;
  /** Lists names after this one only, by UTF-8 order. */
  readonly startAfter?: string;
}

/** A file that is read in ranges. */
export interface ObjectReader {
  /** Bytes. */
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** A file that is being written: it exists, whole and durable, when `finish` resolves. */
export interface ObjectWriter {
  /** Takes bytes; the caller may reuse them when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Ends without the file. */
  abandon(): Promise<void>;
}

/** Each method throws a StorageError that names the file or folder. */
export interface ObjectStore {
  /** The folder or URL, as messages name it. */
  readonly name: string;
  /** The bytes of a file, undefined when it does not exist. */
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * Opens a file that exists.
   * @param size bytes, where a listing has told them: that saves S3 a request
   */
  open(path: string, size?: number): Promise<ObjectReader>;
  /** The files in a folder, in any order; none when there is no such folder. */
  list(folder: string, options?: ListOptions): Promise<ObjectMeta[]>;
  /** The names of the folders in a folder. */
  listFolders(folder: string): Promise<string[]>;
  /**
   * Writes a file where none exists, wholly or not at all: one of two writers wins.
   * @returns false when another exists; on S3, true when it holds the same bytes, for an answer may have been lost
   */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * Writes or replaces a file: readers see the old one or the new one.
   * @param modified the time that the file is to have, in milliseconds since 1970; S3 sets times of its own
   */
  put(path: string, bytes: Uint8Array, modified?: number): Promise<void>;
  /** Begins a new file with a name that nobody else uses. */
  create(path: string): Promise<ObjectWriter>;
  /** Removes a file, if it exists. */
  remove(path: string): Promise<void>;
}

/** A prefix of an S3 bucket. */
export interface S3Location {
  readonly bucket: string;
  /** Without `/` at its ends; empty for the whole bucket. */
  readonly prefix: string;
}
