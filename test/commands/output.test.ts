import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeLanding } from '../../emulator/landing.ts';
import { positiveNumber } from '../../pipeline/commands/settings.ts';

const run = promisify(execFile);
const runner = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
  await writeLanding(join(folder, 'landing'), { posts: 50, seed: 1 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a line of shell, in which `$lake` is the command without a file of answers, and `$batch` with one. */
async function shell(line: string): Promise<{ status: number; errors: string }> {
  const lake = `${process.execPath} ${runner} batch --landing landing --lake lake --report report.html`;
  const command = ['-o', 'pipefail', '-c', line];
  return run('bash', command, {
    cwd: folder,
    env: { ...process.env, lake, batch: `${lake} --json answers.json` },
  }).then(
    ({ stderr }) => ({ status: 0, errors: stderr }),
    ({ code, stderr }) => ({ status: Number(code), errors: String(stderr) }),
  );
}

describe('the output of a command', () => {
  it.each(['$batch | head -n 1', '$batch 2>&1 | head -n 1', '$batch 2>&1 | true'])(
    'that nobody reads to its end (%s) ends only the printing',
    async (line) => {
      const { status, errors } = await shell(line);
      expect({ status, errors: errors.replace(/^(Reading|Writing).*\n/gm, '') }).toEqual({
        status: 0,
        errors: '',
      });
      expect(readdirSync(folder).sort()).toEqual(['answers.json', 'lake', 'landing', 'report.html']);
      expect(readdirSync(join(folder, 'lake')).sort()).toEqual([
        'files_read',
        'gold',
        'quarantine',
        'silver',
      ]);
    },
  );

  it('that finds its disk full is said in words, with status 1, and the work is done', async () => {
    const { status, errors } = await shell('$batch > /dev/full');
    expect(status).toBe(1);
    expect(errors).toContain('batch: The output could not be written: ENOSPC');
    expect(errors).not.toContain('    at ');
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')))).toHaveLength(9);
  });
});

describe('standard output as the file of answers', () => {
  it('has nothing else on it, also when files are not read', async () => {
    writeFileSync(join(folder, 'landing', 'topics', 'pin', 'notes.txt'), 'x');
    const { status, errors } = await shell('$lake --json - > printed.json');
    expect(status).toBe(0);
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'printed.json'), 'utf8')))).toHaveLength(9);
    expect(errors).toContain('Which category is posted most in each country?');
    expect(errors).toContain('Report: report.html\n');
    expect(errors).toMatch(/Not read: 1 files, the first topics\/pin\/notes.txt\n$/);
  });
});

describe('a file that a command is to write', () => {
  it('may be /dev/stdout or a pipe, which stays what it is', async () => {
    const { status } = await shell(
      'mkfifo pipe && (cat pipe > read.json &) && $lake --json pipe > /dev/null && $lake --json /dev/stdout > printed.txt',
    );
    expect(status).toBe(0);
    expect(lstatSync(join(folder, 'pipe')).isFIFO()).toBe(true);
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'read.json'), 'utf8')))).toHaveLength(9);
    const printed = readFileSync(join(folder, 'printed.txt'), 'utf8');
    const json = printed.slice(printed.indexOf('\n{\n'), printed.indexOf('\n}\n') + 2);
    expect(Object.keys(JSON.parse(json))).toHaveLength(9);
    expect(printed).toMatch(/^Which category[\s\S]*\n}\nReport: report.html\n$/);
  });

  it('may be a link: the file that it leads to is replaced, and the link stays', async () => {
    const { status } = await shell(
      'mkdir real && echo old > real/a.json && ln -s real/a.json answers.json && $batch',
    );
    expect(status).toBe(0);
    expect(lstatSync(join(folder, 'answers.json')).isSymbolicLink()).toBe(true);
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'real', 'a.json'), 'utf8')))).toHaveLength(9);
  });
});

describe('the runner of commands', () => {
  it.each(['../commands/batch', 'settings', 'nothing', ''])(
    'does not know "%s", and lists the commands',
    async (name) => {
      const { status, errors } = await shell(`${process.execPath} ${runner} '${name}'`);
      expect(status).toBe(2);
      expect(errors).toMatch(
        new RegExp(`There is no command "${name}". The commands are artefacts, batch, .*stream`),
      );
      expect(errors).not.toContain('    at ');
    },
  );
});

describe('a number with 400 digits', () => {
  it('is refused as too large', () => {
    expect(positiveNumber.safeParse('9'.repeat(400)).error?.issues[0]?.message).toBe('is too large');
  });
});
