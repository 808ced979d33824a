/** Snappy, by the loop in wasm/snappy.ts. What is compressed here, every reader of Snappy reads. */
import { WasmModule } from '../wasm_module.ts';

interface Loop {
  readonly memory: WebAssembly.Memory;
  /** Where bytes are put. */
  readonly input: number;
  /** Where the compressed ones begin, of so many bytes. */
  readonly outputOf: (length: number) => number;
  /** The room that there must be from there on. */
  readonly roomBehind: (length: number) => number;
  /** Where they end. */
  readonly compress: (length: number) => number;
}

let loop: Loop | undefined;

/** Compresses bytes. @returns a view that holds until the next are compressed */
export function snappy(bytes: Uint8Array): Uint8Array {
  loop ??= load();
  const { memory, input, outputOf, roomBehind, compress } = loop;
  const output = outputOf(bytes.length);
  const missing = output + roomBehind(bytes.length) - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  const all = new Uint8Array(memory.buffer);
  all.set(bytes, input);
  return all.subarray(output, compress(bytes.length));
}

/** Memory grows by so much. */
const pageBytes = 1 << 16;

function load(): Loop {
  const module = new WasmModule(new URL('./wasm/snappy.wasm', import.meta.url));
  return {
    memory: module.memory,
    input: module.number('input'),
    outputOf: module.function('outputOf'),
    roomBehind: module.function('roomBehind'),
    compress: module.function('compress'),
  };
}
