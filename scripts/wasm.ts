/** Compiles the AssemblyScript modules into the .wasm files beside them: `npm run wasm`. */
import { fileURLToPath } from 'node:url';

/** The modules, without `.ts` and `.wasm`. */
export const wasmModules = ['pipeline/json/wasm/lines', 'pipeline/parquet/wasm/snappy'] as const;

const root = fileURLToPath(new URL('..', import.meta.url));
const options = '-O3 --enable simd --runtime stub --noAssert'.split(' ');

/**
 * Compiles one module.
 * @param writeFile takes the compiled module in place of the .wasm file
 * @throws Error with the compiler's messages
 */
export async function compileWasm(
  module: (typeof wasmModules)[number],
  writeFile?: (name: string, contents: Uint8Array | string) => void,
): Promise<void> {
  const args = [`${module}.ts`, '-o', `${module}.wasm`, ...options, '--baseDir', root];
  // The compiler puts a sort in place of JavaScript's, which numbers and texts beside it are not to be sorted by.
  const { sort } = Array.prototype;
  try {
    const { default: asc } = await import('assemblyscript/asc');
    const { error, stderr } = await asc.main(args, writeFile === undefined ? {} : { writeFile });
    if (error !== null) {
      throw new Error(`${module}.ts: ${stderr.toString()}`, { cause: error });
    }
  } finally {
    Array.prototype.sort = sort;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const module of wasmModules) {
    await compileWasm(module);
  }
}
