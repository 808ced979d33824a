/** Runs `scripts/run.mjs` in a project of one small command. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, expect, it } from 'vitest';
import { testFolder } from '../support/folder.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

const project = testFolder('project');
const command = join(project, 'pipeline', 'commands', 'say.ts');
beforeEach(async () => {
  for (const name of ['queries', 'emulator', 'infra', 'pipeline/commands']) {
    await mkdir(join(project, name), { recursive: true });
  }
  for (const name of ['package-lock.json', 'scripts']) {
    await cp(join(root, name), join(project, name), { recursive: true });
  }
  const { scripts, ...others } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const withCommand = { ...others, scripts: { ...scripts, say: 'node scripts/run.mjs say' } };
  await writeFile(join(project, 'package.json'), JSON.stringify(withCommand));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await write('one');
});

/** Writes a command that prints a word and exits with the status given. */
async function write(word: string): Promise<void> {
  const end = `process.exitCode = Number(process.argv[2]?.split('=')[1] ?? 0);`;
  await writeFile(
    command,
    `const said: string = '${word}'; ${end}\nexport const ended = (async () => console.log(said))();\n`,
  );
}

async function say(...options: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(project, 'scripts', 'run.mjs'), 'say', ...options]);
  return stdout;
}

/** The files of the only build. */
async function built(): Promise<{ readonly code: string[]; readonly other: string[] }> {
  const builds = await readdir(join(project, '.build'));
  expect(builds).toHaveLength(1);
  const folder = join(project, '.build', builds[0] ?? '', 'say');
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
  const isCode = (path: string) => path.endsWith('.code');
  return { code: paths.filter(isCode), other: paths.filter((path) => !isCode(path)) };
}

async function onlyCode(): Promise<string> {
  const { code } = await built();
  expect(code).toHaveLength(1);
  return code[0] ?? '';
}

it('rebuilds when a source is changed or added', async () => {
  expect(await say()).toBe('one\n');
  await write('two');
  expect(await say()).toBe('two\n');
  await writeFile(join(project, 'queries', 'said.ts'), `export const said = 'three';\n`);
  await writeFile(
    command,
    `import { said } from '../../queries/said.ts';\nexport const ended = (async () => console.log(said))();\n`,
  );
  expect(await say()).toBe('three\n');
});

it('uses the code of one run in the next with the same options', async () => {
  await say();
  await say();
  const { ino, size } = await stat(await onlyCode());
  expect(size).toBeGreaterThan(500);
  await say();
  expect((await stat(await onlyCode())).ino).toBe(ino);
  await say('--status=0');
  await say('--status=0');
  expect((await built()).code).toHaveLength(2);
});

it('adds to the code the functions that no earlier run has called', async () => {
  const much = Array.from({ length: 2000 }, (_, i) => `sum = sum * ${i} + said.length;`).join('\n');
  await writeFile(
    command,
    `const said: string = process.argv[2] ?? '';
function other(): number {\nlet sum = 0;\n${much}\nreturn sum;\n}
export const ended = (async () => console.log(said === '--much=1' ? other() > 0 : said))();\n`,
  );
  await say('--much=0');
  await say('--much=0');
  const { ino, size } = await stat(await onlyCode());
  await say('--much=1');
  const more = await stat(await onlyCode());
  expect(more.ino).not.toBe(ino);
  expect(more.size).toBeGreaterThan(size + 10_000);
  await say('--much=0');
  await say('--much=1');
  expect((await stat(await onlyCode())).ino).toBe(more.ino);
});

it('keeps no code of a failed run', async () => {
  await expect(say('--status=1')).rejects.toMatchObject({ code: 1, stdout: 'one\n' });
  expect((await built()).code).toEqual([]);
});

it.each([
  ['truncated', (code: Buffer) => code.subarray(0, code.length / 2)],
  ['of another version of V8', (code: Buffer) => code.fill(code.readUInt8(12) ^ 0xff, 12, 13)],
  ['empty', () => Buffer.alloc(0)],
])('replaces code that is %s', async (_, corrupt) => {
  await say();
  const code = await onlyCode();
  const good = await readFile(code);
  await writeFile(code, corrupt(Buffer.from(good)));
  expect(await say()).toBe('one\n');
  const replaced = await readFile(code);
  expect(replaced.length).toBeGreaterThan(good.length * 0.9);
  // A magic number and the version follow the size.
  expect(replaced.subarray(8, 16)).toEqual(good.subarray(8, 16));
  await say();
  const { ino } = await stat(code);
  await say();
  expect((await stat(code)).ino).toBe(ino);
});

it('reports errors with source lines under --enable-source-maps', async () => {
  await writeFile(
    command,
    `interface Said { readonly text: string }\n
function say({ text }: Said): never {\n  throw new Error(text);\n}\n
export const ended = (async () => say({ text: 'one' }))();\n`,
  );
  const options = { env: { ...process.env, NODE_OPTIONS: '--enable-source-maps' } };
  const running = run(process.execPath, [join(project, 'scripts', 'run.mjs'), 'say'], options);
  await expect(running).rejects.toMatchObject({ stderr: expect.stringMatching(/say \(\S*say\.ts:4:9\)/) });
});

it('lets concurrent runs without a bundle build one each and keep one', async () => {
  const said = await Promise.all(Array.from({ length: 6 }, () => say()));
  expect(new Set(said)).toEqual(new Set(['one\n']));
  const { code, other } = await built();
  expect(code).toHaveLength(1);
  expect(other.map((path) => path.slice(-8))).toEqual(['/say.cjs', '.cjs.map']);
});
