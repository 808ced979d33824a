/** What a run read, and what became of it: what the report and the terminal show beside the answers. */

/** What became of the events of one dataset: read = kept + repeated + quarantined. */
export interface DatasetSummary {
  readonly name: string;
  /** Events, good and bad. */
  readonly read: number;
  /** Different rows, once cleaned, that were not known. */
  readonly kept: number;
  /** Events whose cleaned row was there already. */
  readonly repeated: number;
  /** Events set aside, by reason. */
  readonly quarantined: Readonly<Record<string, number>>;
  /** Different rows that earlier runs have kept: the answers are over these and those kept now. */
  readonly known: number;
}

export interface Summary {
  readonly datasets: readonly DatasetSummary[];
  /** Landing files that were read. */
  readonly files: number;
  /** Landing files that were not, for earlier runs have read them. */
  readonly filesBefore: number;
  /** How long reading, cleaning and answering took. */
  readonly seconds: number;
  /** What a reader of the answers must know, such as a file that could not be read to its end. */
  readonly warnings: readonly string[];
}

/** What the batch way knows of its landing files, as far as a summary needs it. */
export interface LandingTotals {
  readonly totals: Readonly<Record<string, Omit<DatasetSummary, 'name'>>>;
  readonly files: number;
  readonly filesBefore: number;
  readonly otherTopics: readonly string[];
  readonly unreadable: readonly { readonly path: string; readonly error: Error }[];
}

/** The summary of a batch that took so many seconds. */
export function summaryOf(landing: LandingTotals, seconds: number): Summary {
  return {
    datasets: Object.entries(landing.totals).map(([name, { read, kept, repeated, quarantined, known }]) => ({
      name,
      read,
      kept,
      repeated,
      quarantined: { ...quarantined },
      known,
    })),
    files: landing.files,
    filesBefore: landing.filesBefore,
    seconds,
    warnings: [
      ...landing.unreadable.map(
        ({ path, error }) =>
          `${path} could not be read to its end, and its rest is missing here: ${error.message}`,
      ),
      ...landing.otherTopics.map((topic) => `Topic ${topic} belongs to no dataset and was left alone.`),
    ],
  };
}

/** Events set aside, for whatever reason. */
export function quarantinedOf(dataset: Pick<DatasetSummary, 'quarantined'>): number {
  return Object.values(dataset.quarantined).reduce((sum, events) => sum + events, 0);
}
