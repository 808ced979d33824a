import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compileWasm, wasmModules } from '../../scripts/wasm.ts';

it.each(wasmModules)('keeps %s.wasm equal to what its source compiles to', async (module) => {
  let compiled: Uint8Array | string = '';
  await compileWasm(module, (_, contents) => {
    compiled = contents;
  });
  const kept = await readFile(new URL(`../../${module}.wasm`, import.meta.url));
  expect(Buffer.from(compiled).equals(kept)).toBe(true);
});

it('leaves JavaScript its own sort, which other files of this process use', () => {
  expect([4, 5, 1, 3, null, 9].sort()).toEqual([1, 3, 4, 5, 9, null]);
});
