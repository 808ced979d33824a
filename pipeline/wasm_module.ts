import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A compiled WebAssembly module with a memory of its own. */
export class WasmModule {
  readonly memory: WebAssembly.Memory;
  private readonly exports: WebAssembly.Exports;

  /** @param file the compiled module, beside its AssemblyScript source */
  constructor(private readonly file: URL) {
    const code = readFileSync(file);
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
    const { memory } = this.exports;
    if (!(memory instanceof WebAssembly.Memory)) {
      throw this.missing('memory');
    }
    this.memory = memory;
  }

  global(name: string): WebAssembly.Global {
    const value = this.exports[name];
    if (!(value instanceof WebAssembly.Global)) {
      throw this.missing(name);
    }
    return value;
  }

  /** The value of a global that does not change. */
  number(name: string): number {
    return Number(this.global(name).value);
  }

  /** An exported function of numbers. */
  function(name: string): (...numbers: number[]) => number {
    const value = this.exports[name];
    if (!isNumberFunction(value)) {
      throw this.missing(name);
    }
    return value;
  }

  private missing(name: string): TypeError {
    const path = fileURLToPath(this.file);
    return new TypeError(
      `${path} has no "${name}", so it is not what ${basename(path, '.wasm')}.ts is compiled to: run \`npm run wasm\`.`,
    );
  }
}

function isNumberFunction(value: unknown): value is (...numbers: number[]) => number {
  return typeof value === 'function';
}
