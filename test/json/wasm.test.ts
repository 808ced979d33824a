import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packageJson = await readFile(`${root}package.json`, 'utf8');

const [, script = ''] = /"wasm": "([^"]*)"/.exec(packageJson) ?? [];

it.each(['json/wasm/lines', 'parquet/wasm/snappy'])(
  '%s.wasm is what its source compiles to',
  async (name) => {
    const command = script.split(' && ').find((one) => one.startsWith(`asc pipeline/${name}.ts `));
    let compiled: Uint8Array | undefined;
    const { error, stderr } = await asc.main([...(command ?? '').split(' ').slice(1), '--baseDir', root], {
      writeFile: (_, contents) => {
        compiled = Buffer.from(contents);
      },
    });
    expect(error, stderr.toString()).toBeNull();
    expect(Buffer.from(compiled ?? []).equals(await readFile(`${root}pipeline/${name}.wasm`))).toBe(true);
  },
);
