/** Compresses by Snappy, with the loop in wasm/snappy.ts. */
import { WasmModule } from '../wasm_module.ts';

interface Loop {
  readonly memory: WebAssembly.Memory;
  /** The address of the bytes to compress. */
  readonly input: number;
  /** The address of the compressed ones, by the number of bytes. */
  readonly outputOf: (length: number) => number;
  /** The room that is needed from there on. */
  readonly roomAfter: (length: number) => number;
  /** Compresses. @returns the end of the compressed bytes */
  readonly compress: (length: number) => number;
}

let loop: Loop | undefined;

/** Compresses bytes. @returns a view that is valid until the next call */
export function snappy(bytes: Uint8Array): Uint8Array {
  loop ??= load();
  const { memory, input, outputOf, roomAfter, compress } = loop;
  const output = outputOf(bytes.length);
  const missing = output + roomAfter(bytes.length) - memory.buffer.byteLength;
  if (missing > 0) {
    memory.grow(Math.ceil(missing / pageBytes));
  }
  const all = new Uint8Array(memory.buffer);
  all.set(bytes, input);
  return all.subarray(output, compress(bytes.length));
}

/** Memory grows by pages of WebAssembly. */
const pageBytes = 1 << 16;

function load(): Loop {
  const module = new WasmModule(new URL('./wasm/snappy.wasm', import.meta.url));
  return {
    memory: module.memory,
    input: module.number('input'),
    outputOf: module.function('outputOf'),
    roomAfter: module.function('roomAfter'),
    compress: module.function('compress'),
  };
}
