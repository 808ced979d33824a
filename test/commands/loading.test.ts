import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { runCommand } from '../support/process.ts';

/** Everything is loaded here as `npm run` loads it, also what a command loads only when it needs it. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const commands = Object.keys(scripts).filter((name) => scripts[name] === `node scripts/run.mjs ${name}`);

it('finds the commands of the project', () => expect(commands.length).toBeGreaterThan(8));

it.each(commands)('npm run %s explains itself', async (name) => {
  const { status, output } = await runCommand([name, '--help']);
  expect(status).toBe(0);
  expect(output).toMatch(new RegExp(`^npm run ${name} -- \\[options\\]\n\\S`));
});

it('what bundles leave to be loaded can be: also by a Node that requires no ES modules', async () => {
  for (const name of commands) {
    await runCommand([name, '--help']);
  }
  const folders = commands.map((name) => join(newestBuild(), name));
  const bundles = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const external = bundles
    .filter((file) => file.endsWith('.cjs'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)])
    .map(([, name]) => name);
  expect(external).toEqual(expect.arrayContaining(['kafkajs', '@aws-sdk/client-s3', 'mysql2/promise']));
  const loadAll = `for (const name of ${JSON.stringify([...new Set(external)])}) require(name);`;
  const strict = process.allowedNodeEnvironmentFlags.has('--experimental-require-module')
    ? ['--no-experimental-require-module']
    : [];
  await promisify(execFile)(process.execPath, [...strict, '--eval', loadAll], { cwd: root });
});

function newestBuild(): string {
  const builds = join(root, '.build');
  // Programs of tests are bundled beside commands.
  const folders = readdirSync(builds)
    .filter((name) => !name.startsWith('test-'))
    .map((name) => join(builds, name));
  const [newest] = folders.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newest ?? expect.fail('no bundle');
}
