/** Does what docs/cases.md says, in a copy of the repository that the tests share. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { suiteFolder } from '../support/folder.ts';
import { NodeProcess } from '../support/process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(join(root, 'docs', 'cases.md'), 'utf8');
const blocks = [...document.matchAll(/^```(ts|yaml|sh|sh fails)\n(.*?)^```/gms)].map(
  ([, language = '', text = '']) => ({ language, text }),
);

const copy = suiteFolder('cases-docs');

/** A copy of the files that commands need, with a commit to compare with. */
beforeAll(() => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of tracked.filter((path) =>
    /^(pipeline|queries|emulator|infra|scripts)\/|^[^/]+$/.test(path),
  )) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  const git = (...options: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...options], { cwd: copy });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'start');
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});

// Spark has a test of its own.
const env = { ...process.env, REAL_SYSTEMS_DIR: join(copy, 'none') };

function run(command: string): { readonly status: number; readonly output: string } {
  try {
    return {
      status: 0,
      output: execFileSync('bash', ['-c', `${command} 2>&1`], { cwd: copy, env, encoding: 'utf8' }),
    };
  } catch (error) {
    const { status, stdout } = Object(error);
    return { status, output: String(stdout) };
  }
}

it('runs again after each change with --watch, until it is stopped', { timeout: 60_000 }, async () => {
  const file = join(copy, 'pipeline', 'datasets', 'geo.cases.yaml');
  const right = readFileSync(file, 'utf8');
  const options = ['--watch', '--only', 'geo', '--engine', 'arquero'];
  const watching = new NodeProcess(['scripts/run.mjs', 'cases', ...options], { cwd: copy, env });
  onTestFinished(() => watching.kill());
  const passes = () => watching.lines.filter((line) => line.endsWith('passed on arquero.'));
  await watching.until(() => passes().length === 1);
  writeFileSync(file, right.replace('country: Albania}', 'country: Mali}'));
  await watching.until(() => watching.said.errors.includes('1 of 5 cases failed.'));
  writeFileSync(file, right);
  await watching.until(() => passes().length === 3);
  watching.kill('SIGINT');
  expect(await watching.ended).toMatchObject({ status: 0, signal: null });
  expect(passes().map((line) => line.split(' cases')[0])).toEqual(['5 of 5', '4 of 5', '5 of 5']);
});

it('leads from an idea to a tested, previewed query', { timeout: 900_000 }, () => {
  const outputs: string[] = [];
  for (const { language, text } of blocks) {
    if (language.startsWith('sh')) {
      for (const command of text.trim().split('\n')) {
        const { status, output } = run(command);
        expect({ command, output, failed: status !== 0 }).toEqual({
          command,
          output,
          failed: language === 'sh fails',
        });
        outputs.push(output);
      }
      continue;
    }
    const [, path = '', added] = /^(?:\/\/|#) (\S+?)(, added)?\n/.exec(text) ?? [];
    const write = added === undefined ? writeFileSync : appendFileSync;
    write(join(copy, path), added === undefined ? text : `\n${text.replace(/^#.*\n/, '')}`);
    if (language === 'ts') {
      const index = join(copy, 'queries', 'index.ts');
      const before = readFileSync(index, 'utf8');
      const named = before.replace('= [\n', '= [\n  postsByHour,\n');
      writeFileSync(index, `import { postsByHour } from './posts_by_hour.ts';\n${named}`);
    }
  }
  const [, onAll, missed, noticed, , , , preview] = outputs;
  expect(onAll).toMatch(/1 of 1 cases passed on arquero, incremental, batch\.\nNot run on Spark: /);
  const shown = /^```\n(posts_by_hour: .*?)^```/ms.exec(document)?.[1];
  expect(missed).toContain(shown);
  expect(noticed).toContain('6 of 6 faults noticed (100.0 %)');
  expect(readFileSync(join(copy, 'queries', 'posts_by_hour.cases.yaml'), 'utf8')).toMatch(
    /- name: an hour of real events\n {4}given:\n {6}geo:\n {8}- \{ind: 1, timestamp: /,
  );
  expect(preview).toContain('| posts_by_hour |  | added | the table is new |  |');
  expect(preview).toContain('Comparing: 100% of 6 steps');

  const file = join(copy, 'queries', 'posts_by_hour.cases.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('posts: 1}', 'posts: 7}'));
  const wrong = run('node scripts/run.mjs cases --only posts_by_hour');
  expect(wrong.status).toBe(1);
  expect(
    wrong.output,
  ).toContain(`queries/posts_by_hour.cases.yaml:3: posts_by_hour: counts posts by the hour in UTC
  given geo:
      ind | timestamp
      1   | 2020-01-01 23:59:59
      2   | 2021-05-05 23:00:00
      3   | 2020-01-01 00:00:00
  Arquero; incremental, in the order given; incremental, reversed; incremental, one by one; the batch with a lake:
      post_hour | posts
    - 0         | 7
    + 0         | 1
      23        | 2
      (- expected, + got)
`);
  expect(run('node scripts/run.mjs cases --engine spark').output).toMatch(/^cases: spark is not set up/);
  writeFileSync(file, 'cases:\n  - name: a\n');
  expect(run('node scripts/run.mjs cases').output).toMatch(/^cases: queries\/posts_by_hour.cases.yaml:2: /);
  expect(run('node scripts/run.mjs cases --only nothing').status).toBe(1);
});
