/** Tables of texts in the memory of wasm/known_texts.ts: there are some, and whoever has one may find that another has it now. */
import type { WasmModule } from './wasm_module.ts';

/** A table that was not asked for while others were so often is given away. */
const mostIdle = 1 << 12;

interface Table {
  readonly address: number;
  owner: object | undefined;
  lastAsked: number;
}

export class TextTables {
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
   * The table of an owner: the one that it had, with all that it remembers, or an empty one.
   * @returns its address, undefined when all are in use
   */
  of(owner: object): number | undefined {
    this.asked += 1;
    let table = this.tables.find((each) => each.owner === owner);
    if (table === undefined) {
      table = this.tables.find((each) => each.owner === undefined || this.asked - each.lastAsked > mostIdle);
      if (table === undefined) return undefined;
      table.owner = owner;
      this.clear(table.address);
    }
    table.lastAsked = this.asked;
    return table.address;
  }

  /** The owner's table is free again. */
  release(owner: object): void {
    for (const table of this.tables) {
      if (table.owner === owner) table.owner = undefined;
    }
  }
}
