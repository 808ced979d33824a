import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packageJson = await readFile(`${root}package.json`, 'utf8');

it('scan_lines.wasm is what its source is compiled to', async () => {
  const [, options = ''] = /"wasm": "asc ([^"]*)"/.exec(packageJson) ?? [];
  let compiled: Uint8Array | undefined;
  const { error, stderr } = await asc.main([...options.split(' '), '--baseDir', root], {
    writeFile: (_, contents) => {
      compiled = Buffer.from(contents);
    },
  });
  expect(error, stderr.toString()).toBeNull();
  expect(
    Buffer.from(compiled ?? []).equals(await readFile(`${root}pipeline/lake/wasm/scan_lines.wasm`)),
  ).toBe(true);
});
