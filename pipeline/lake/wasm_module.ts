import { readFileSync } from 'node:fs';

/** A module that was compiled from a source in wasm/, with a memory of its own. */
export class WasmModule {
  readonly memory: WebAssembly.Memory;
  private readonly exports: WebAssembly.Exports;

  /** @param name of its source, without the ending */
  constructor(private readonly name: string) {
    const code = readFileSync(new URL(`./wasm/${name}.wasm`, import.meta.url));
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
    const { memory } = this.exports;
    if (!(memory instanceof WebAssembly.Memory)) throw this.without('memory');
    this.memory = memory;
  }

  global(name: string): WebAssembly.Global {
    const value = this.exports[name];
    if (!(value instanceof WebAssembly.Global)) throw this.without(name);
    return value;
  }

  /** The value of a global that does not change. */
  number(name: string): number {
    return Number(this.global(name).value);
  }

  /** A function of numbers. */
  function(name: string): (...numbers: number[]) => number {
    const value = this.exports[name];
    if (!isOfNumbers(value)) throw this.without(name);
    return value;
  }

  private without(name: string): TypeError {
    return new TypeError(
      `${this.name}.wasm has no "${name}", so it is not what wasm/${this.name}.ts is compiled to: run \`npm run wasm\`.`,
    );
  }
}

function isOfNumbers(value: unknown): value is (...numbers: number[]) => number {
  return typeof value === 'function';
}
