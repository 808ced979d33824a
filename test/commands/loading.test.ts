import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Runs programs that load commands as `npm run` does, on-demand modules included. */
const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const runner = join(root, 'scripts', 'run.mjs');
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const commands = Object.keys(scripts).filter((name) => scripts[name] === `node scripts/run.mjs ${name}`);

it('finds the commands of the project', () => expect(commands.length).toBeGreaterThan(8));

it.each(commands)('npm run %s -- --help prints the usage', async (name) => {
  const { stdout } = await run(process.execPath, [runner, name, '--help']);
  expect(stdout).toMatch(new RegExp(`^npm run ${name} -- \\[options\\]\n\\S`));
});

it('can load all packages outside the bundles, also where Node cannot require ES modules', async () => {
  for (const name of commands) await run(process.execPath, [runner, name, '--help']);
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
  await run(process.execPath, [...strict, '--eval', loadAll], { cwd: root });
});

function newestBuild(): string {
  const builds = join(root, '.build');
  const folders = readdirSync(builds).map((name) => join(builds, name));
  const [newest] = folders.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newest ?? expect.fail('no bundle');
}
