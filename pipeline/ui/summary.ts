/** The summary of a run, which the report and the terminal show beside the answers. */

/** The outcome of one dataset's events: read = kept + repeated + quarantined + erased. */
export interface DatasetSummary {
  readonly name: string;
  /** Events, valid and invalid. */
  readonly read: number;
  /** Distinct cleaned rows that the lake did not hold before. */
  readonly kept: number;
  /** Events whose cleaned row duplicates another. */
  readonly repeated: number;
  /** Quarantined events by reason. */
  readonly quarantined: Readonly<Record<string, number>>;
  /** Events of posts that were erased, and dropped. */
  readonly erased: number;
  /** Values that rules made null, by column and rule. */
  readonly nulled: Readonly<Record<string, number>>;
  /** Distinct rows kept by earlier runs: the answers are over these and those kept now. */
  readonly known: number;
}

export interface Summary {
  readonly datasets: readonly DatasetSummary[];
  /** Landing files read by this run. */
  readonly files: number;
  /** Landing files skipped because earlier runs have read them. */
  readonly filesBefore: number;
  /** Duration of reading, cleaning and answering. */
  readonly seconds: number;
  /** Facts that a reader of the answers must know, such as a file that could not be read to its end. */
  readonly warnings: readonly string[];
}

/** The totals of a batch that a summary needs. */
export interface LandingTotals {
  readonly totals: Readonly<Record<string, Omit<DatasetSummary, 'name'>>>;
  readonly files: number;
  readonly filesBefore: number;
  readonly otherTopics: readonly string[];
  readonly otherFiles: readonly string[];
  /** The reason why all files of a dataset were read again, where they were. */
  readonly reading: readonly { readonly anew: string | undefined }[];
  readonly unreadable: readonly { readonly path: string; readonly error: Error }[];
}

/** Summarises a batch that took so many seconds. */
export function summaryOf(landing: LandingTotals, seconds: number): Summary {
  return {
    datasets: Object.entries(landing.totals).map(
      ([name, { read, kept, repeated, quarantined, erased, nulled, known }]) => ({
        name,
        read,
        kept,
        repeated,
        quarantined: { ...quarantined },
        erased,
        nulled,
        known,
      }),
    ),
    files: landing.files,
    filesBefore: landing.filesBefore,
    seconds,
    warnings: [
      ...landing.reading.flatMap(({ anew }) =>
        anew === undefined ? [] : [`${anew}: all files of the dataset were read again.`],
      ),
      ...landing.unreadable.map(
        ({ path, error }) =>
          `${path} could not be read to its end, and its rest is missing here: ${error.message}`,
      ),
      ...(landing.otherFiles.length > 0 ? [notRead(landing.otherFiles)] : []),
      ...landing.otherTopics.map((topic) => `Topic ${topic} belongs to no dataset and was left alone.`),
    ],
  };
}

/** Counts and names files that were not read. */
function notRead(files: readonly string[]): string {
  const named = files.length > 3 ? `${files.slice(0, 3).join(', ')}, …` : files.join(', ');
  return `${files.length} files were not read, for landing files end in .json, .jsonl or .ndjson, perhaps with .gz: ${named}`;
}

/** Quarantined events of all reasons. */
export function quarantinedOf(dataset: Pick<DatasetSummary, 'quarantined'>): number {
  return Object.values(dataset.quarantined).reduce((sum, events) => sum + events, 0);
}
