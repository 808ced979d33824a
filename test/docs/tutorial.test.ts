/** Does what docs/tutorial says, in a folder that looks like the repository, and sees what it shows. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suiteFolder } from '../support/folder.ts';
import { type NodeProcess, startCommand } from '../support/process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tutorial = join(root, 'docs', 'tutorial');
const read = (...path: readonly string[]) => readFileSync(join(root, ...path), 'utf8');

/** Commands, how they are run (`needs …`: not here), and the lines that a reader sees after them. */
interface Step {
  readonly commands: readonly string[];
  readonly how: string;
  readonly seen: readonly string[];
}

const chapters = readdirSync(tutorial)
  .filter((file) => /^\d/.test(file))
  .map((file) => ({ file, steps: stepsOf(readFileSync(join(tutorial, file), 'utf8')) }));

function stepsOf(document: string): readonly Step[] {
  const steps = document.matchAll(/^```sh ?([^\n]*)\n(.*?)^```\n(?:\n```\n(.*?)^```$)?/gms);
  return [...steps].map(([, how = '', commands = '', seen = '']) => ({
    how,
    commands: commands.trim().split('\n'),
    seen: seen.trimEnd().split('\n'),
  }));
}

const folder = suiteFolder('tutorial');
let port = '';
let secondTerminal: NodeProcess | undefined;

beforeAll(async () => {
  // Everything of the repository but what its commands write.
  for (const name of readdirSync(root).filter((each) => !['data', '.git'].includes(each))) {
    symlinkSync(join(root, name), join(folder, name));
  }
  port = String(await freePort());
});
afterAll(() => secondTerminal?.kill());

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(Object(address).port));
    });
  });
}

/** A command as npm runs it, without the time that npm takes to start, and with a port that nobody has. */
function withoutNpm(command: string): string {
  return command.replace(/^npm (?:run )?(\w+)(?: --)?/, 'node scripts/run.mjs $1').replaceAll('8082', port);
}

function run(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      'bash',
      ['-c', `${withoutNpm(command)} 2>&1`],
      { cwd: folder, timeout: 110_000 },
      (error, output) =>
        error ? reject(new Error(`${command}\n${output}`, { cause: error })) : resolve(output),
    );
  });
}

/** Finds each line in the output, one after another, whatever the width of a table's columns. */
function expectSeen(output: string, { commands, seen }: Step): void {
  const lines = output.split('\n').map(narrow);
  let at = 0;
  for (const line of seen.filter((each) => each !== '')) {
    const parts = narrow(line.replaceAll('8082', port)).split('…');
    const pattern = new RegExp(`^${parts.map(escaped).join('.*')}$`);
    const found = lines.findIndex((each, index) => index >= at && pattern.test(each));
    expect(found, `"${line}" after ${commands.join('; ')} in:\n${output}`).toBeGreaterThanOrEqual(0);
    at = found + 1;
  }
}

function narrow(line: string): string {
  return line.replaceAll(/ +/g, ' ');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('the tutorial', () => {
  it('has six chapters, each named on its first page and by the one before', () => {
    expect(chapters).toHaveLength(6);
    const first = read('docs', 'tutorial', 'README.md');
    for (const [index, { file, steps }] of chapters.entries()) {
      expect(first).toContain(`](${file})`);
      expect(steps.length, file).toBeGreaterThan(0);
      const before = chapters[index - 1];
      expect(before === undefined || read('docs', 'tutorial', before.file).includes(`](${file})`)).toBe(true);
    }
  });

  // One chapter goes on with what the one before has written.
  it.each(chapters)('$file shows what is seen', { timeout: 120_000 }, async ({ steps }) => {
    for (const step of steps.filter(({ how }) => !how.startsWith('needs'))) {
      if (step.how === 'second terminal') {
        const [, ...words] = withoutNpm(step.commands.join()).split(' ').slice(1);
        secondTerminal = startCommand(words, { cwd: folder });
        await secondTerminal.says('The API listens');
        expectSeen(secondTerminal.said.output, step);
        continue;
      }
      const outputs: string[] = [];
      for (const command of step.commands) {
        outputs.push(await run(command));
      }
      expectSeen(outputs.join('\n'), step);
    }
  });

  it('names commands and options that exist where it needs another system', () => {
    const known: Readonly<Record<string, readonly string[]>> = JSON.parse(
      read('test', 'pinned', 'golden', 'commands.json'),
    );
    const deploying = read('docs', 'deploy.md');
    const commands = chapters
      .flatMap(({ steps }) => steps)
      .filter(({ how }) => how.startsWith('needs'))
      .flatMap(({ commands: all }) => all);
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) {
      const [, name] = /^npm run (\w+)/.exec(command) ?? [];
      const [, test] = /^npx vitest run --project real (\S+)$/.exec(command) ?? [];
      if (name !== undefined) {
        const options = known[name]?.map((option) => option.split(' ')[0]);
        const used = [...command.matchAll(/ (--[a-z][a-z-]*)/g)].map(([, option]) => option);
        expect(options, command).toEqual(expect.arrayContaining(used));
      } else if (test !== undefined) {
        expect(existsSync(join(root, test)), command).toBe(true);
      } else {
        // A test walks docs/deploy.md with the real engine.
        expect(deploying, command).toContain(command);
      }
    }
  });
});
