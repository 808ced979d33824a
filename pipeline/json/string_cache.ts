/** Who has which of the tables of texts that lie in the memory of wasm/known_texts.ts. */
import type { WasmModule } from '../wasm_module.ts';

interface Table {
  readonly address: number;
  owner: object | undefined;
  lastAsked: number;
}

export class StringCache {
  private readonly tables: readonly Table[];
  private readonly clear: (address: number) => void;
  private asked = 0;

  constructor(module: WasmModule) {
    const first = module.number('tables');
    const size = module.number('tableBytes');
    this.clear = module.function('clearTable');
    this.tables = Array.from({ length: module.number('mostTables') }, (_, i) => ({
      address: first + i * size,
      owner: undefined,
      lastAsked: 0,
    }));
  }

  /**
   * The address of an owner's table: of the one that it had, with all that it remembers, or of an empty one, which is taken from
   * whoever has not asked for the longest time.
   */
  of(owner: object): number {
    this.asked += 1;
    let table = this.tables.find((each) => each.owner === owner);
    if (table === undefined) {
      table = this.tables.reduce((first, each) => (each.lastAsked < first.lastAsked ? each : first));
      table.owner = owner;
      this.clear(table.address);
    }
    table.lastAsked = this.asked;
    return table.address;
  }

  /** Whoever needs a table next may take the owner's. */
  release(owner: object): void {
    const table = this.tables.find((each) => each.owner === owner);
    if (table !== undefined) {
      table.owner = undefined;
      table.lastAsked = 0;
    }
  }
}
