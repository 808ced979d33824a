import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/**
 * The tests' own loader is more lenient than Node, which finds only some of the names of a CommonJS module. So everything is
 * loaded here as `npm run` loads it, also what a command loads only when it needs it.
 */
const run = promisify(execFile);
const root = new URL('../../', import.meta.url);
const runner = fileURLToPath(new URL('scripts/run.mjs', root));
const commands = readdirSync(new URL('pipeline/commands/', root)).map((name) => name.replace('.ts', ''));
const runnable = commands.filter((name) => !['progress', 'settings'].includes(name));

it.each(runnable)('npm run %s explains itself', async (name) => {
  const { stdout } = await run(process.execPath, [runner, name, '--help']);
  expect(stdout).toMatch(new RegExp(`^npm run ${name} -- \\[options\\]\n\\S`));
});

it('Node finds every name that is imported anywhere', async () => {
  await run(process.execPath, [runner, 'gateway', '--help']);
  const bundle = newestBundle();
  const parts = readdirSync(bundle).filter(
    (name) => name.endsWith('.js') && !commands.includes(name.replace('.js', '')),
  );
  expect(parts.some((name) => name.startsWith('kafka-'))).toBe(true);
  const urls = parts.map((name) => new URL(name, bundle).href);
  const loadAll = `for (const url of ${JSON.stringify(urls)}) await import(url);`;
  await run(process.execPath, ['--input-type=module', '--eval', loadAll]);
});

function newestBundle(): URL {
  const folders = readdirSync(new URL('.build/', root)).map((name) => new URL(`.build/${name}/`, root));
  const [newest] = folders.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newest ?? expect.fail('no bundle');
}
