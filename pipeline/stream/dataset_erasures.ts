/** Erasures as a dataset's stream carries them out: in its tables, and then in what it holds in memory. */
import { type DeltaOptions, DeltaTable } from '../delta/table.ts';
import { takeOutOfQuarantine, takeOutOfSilver } from '../erasures/take_out.ts';
import { ErasureLog, Erasures } from '../erasures.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Schema } from '../plan/types.ts';

/** A table of the stream, perhaps still to be made. */
export interface TablePlace {
  readonly path: string;
  readonly schema: Schema;
  readonly options: DeltaOptions;
}

/** Posts were erased while a micro-batch was committed: it begins anew, and leaves them out. */
export class ErasedMeanwhile extends Error {}

export class DatasetErasures {
  private readonly log: ErasureLog;
  private carriedOut = Erasures.none;

  private constructor(
    lake: string,
    private readonly dataset: Dataset,
    private readonly silver: TablePlace,
    private readonly quarantine: TablePlace,
  ) {
    this.log = new ErasureLog(lake);
  }

  /** Makes the tables where they are missing, and takes out of them what was erased. @throws DeltaError */
  static async open(
    lake: string,
    dataset: Dataset,
    silver: TablePlace,
    quarantine: TablePlace,
  ): Promise<DatasetErasures> {
    // A table says which erasures it was freed of: one that is made later would not, and lose what returned.
    for (const { path, schema, options } of [silver, quarantine]) {
      await DeltaTable.openOrCreate(path, schema, options);
    }
    const erasures = new DatasetErasures(lake, dataset, silver, quarantine);
    await erasures.carryOut();
    return erasures;
  }

  /** Those that the tables were freed of. */
  get current(): Erasures {
    return this.carriedOut;
  }

  /** Takes out of the tables what was erased since this was done last. @returns the erased keys @throws DeltaError */
  async carryOut(): Promise<ReadonlySet<number>> {
    await this.log.refresh();
    const { erasures } = this.log;
    const keys = erasures.keysAfter(this.carriedOut.upTo);
    if (keys.size > 0) {
      const { dataset, silver, quarantine } = this;
      await takeOutOfQuarantine(quarantine.path, dataset, erasures, quarantine.options);
      await takeOutOfSilver(silver.path, dataset, erasures, silver.options);
      this.carriedOut = erasures;
    }
    return keys;
  }

  /** @throws ErasedMeanwhile when posts were erased since `carryOut` */
  async throwIfNew(): Promise<void> {
    await this.log.refresh();
    if (this.log.erasures.upTo > this.carriedOut.upTo) {
      throw new ErasedMeanwhile('Posts were erased while a micro-batch was committed.');
    }
  }
}
