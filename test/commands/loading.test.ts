import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
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
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(new URL('package.json', root), 'utf8'),
);
const commands = Object.keys(scripts).filter((name) => scripts[name] === `node scripts/run.mjs ${name}`);

it('are all of the project', () => expect(commands.length).toBeGreaterThan(8));

it.each(commands)('npm run %s explains itself', async (name) => {
  const { stdout } = await run(process.execPath, [runner, name, '--help']);
  expect(stdout).toMatch(new RegExp(`^npm run ${name} -- \\[options\\]\n\\S`));
});

it('Node finds every name that is imported anywhere', async () => {
  await run(process.execPath, [runner, 'gateway', '--help']);
  const bundle = newestBundle();
  // What several share, or one loads when it needs it; not commands and threads, which would run.
  const parts = readdirSync(bundle).filter((name) => /-[A-Z0-9]{8}\.js$/.test(name));
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
