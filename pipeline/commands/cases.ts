/** `npm run cases`: runs the cases beside queries and datasets, or says which faults they would not notice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { queries } from '../../queries/index.ts';
import { type Case, type CaseEngine, type CaseFile, nameOf } from '../cases/case.ts';
import { arqueroEngine, incrementalEngine } from '../cases/engines.ts';
import { batchEngine } from '../cases/landed_engine.ts';
import { scoreOf } from '../cases/mutation/score.ts';
import { caseFileOf, casesOf } from '../cases/project.ts';
import { failuresText, scoreText } from '../cases/report.ts';
import { runCases } from '../cases/run_cases.ts';
import { sparkEngine } from '../cases/spark_engine.ts';
import { runOnChange } from '../cases/watch.ts';
import { datasets } from '../datasets/index.ts';
import { missingSpark } from '../engines/spark/local/session.ts';
import { flag, option, runCommand, text, UsageError } from './settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const engineNames = ['arquero', 'incremental', 'batch', 'spark'] as const;

const command = {
  name: 'cases',
  does:
    'Runs the cases beside queries and datasets (<name>.cases.yaml) on every engine: rows given, rows expected.\n' +
    'docs/cases.md shows how to write them.',
  options: z.object({
    only: option('TEXT', 'cases whose query, dataset or name contains this', text.optional()),
    engine: option(
      'NAME',
      `one engine: ${engineNames.join(', ')} (default: all)`,
      z.enum(engineNames).optional(),
    ),
    mutate: flag('plant faults in each plan, and say which ones no case notices'),
    watch: flag('run again whenever a query, a dataset or a case changes; until Ctrl-C'),
  }),
};

export const ended = runCommand(command, async ({ only, engine, mutate, watch: watching }, signal) => {
  if (watching) {
    const folders = ['queries', 'pipeline'].map((folder) => join(root, folder));
    await runOnChange(folders, () => runAnew(signal), signal);
    return;
  }
  const { files, without } = casesOf({ root, datasets, queries });
  for (const subject of without) {
    process.stderr.write(`${nameOf(subject)} has no cases: write ${caseFileOf(subject)}.\n`);
  }
  // Fewer cases would notice fewer faults, so that they are planted for whole files.
  const chosen = mutate
    ? files.filter(({ subject }) => nameOf(subject).includes(only ?? ''))
    : files.flatMap((file) => chosenOf(file, only));
  if (chosen.length === 0) {
    throw new UsageError(`No case contains "${only}", and no query or dataset that has cases.`);
  }
  if (mutate) {
    tellUnnoticed(chosen);
  } else {
    await tellFailures(
      chosen.flatMap(({ cases }) => cases),
      engine,
    );
  }
});

/** The cases of a file whose name, or the file's own, contains a text. */
function chosenOf(file: CaseFile, only = ''): readonly CaseFile[] {
  const named = nameOf(file.subject).includes(only);
  const cases = file.cases.filter(({ name }) => named || name.includes(only));
  return cases.length === 0 ? [] : [{ ...file, cases }];
}

async function tellFailures(
  cases: readonly Case[],
  engine: (typeof engineNames)[number] | undefined,
): Promise<void> {
  const missing = missingSpark();
  if (engine === 'spark' && missing !== undefined) {
    throw new Error(missing);
  }
  const engines: readonly CaseEngine[] = [
    arqueroEngine(datasets),
    incrementalEngine(datasets),
    batchEngine(datasets),
    ...(missing === undefined ? [sparkEngine(datasets)] : []),
  ].filter(({ name }) => engine === undefined || name === engine);
  const failures = await runCases(cases, engines);
  process.stdout.write(
    failuresText(failures, new Map(datasets.map((each) => [each.name, each.cleaning.schema]))),
  );
  const failed = new Set(failures.map(({ of }) => of)).size;
  const on = engines.map(({ name }) => name).join(', ');
  process.stdout.write(`${cases.length - failed} of ${cases.length} cases passed on ${on}.\n`);
  if (engine === undefined && missing !== undefined) {
    process.stdout.write(`Not run on Spark: ${missing}.\n`);
  }
  if (failed > 0) {
    throw new Error(`${failed} of ${cases.length} cases failed.`);
  }
}

function tellUnnoticed(files: readonly CaseFile[]): void {
  const scores = files.map((file) => {
    const score = scoreOf(file, datasets);
    process.stdout.write(scoreText(score));
    return score;
  });
  const planted = scores.reduce((sum, score) => sum + score.planted, 0);
  const unnoticed = scores.flatMap((score) => score.unnoticed);
  const unexplained = unnoticed.filter(({ because }) => because === undefined).length;
  const share = ((100 * (planted - unnoticed.length)) / planted).toFixed(1);
  process.stdout.write(`${planted - unnoticed.length} of ${planted} faults noticed (${share} %).\n`);
  if (unexplained > 0) {
    throw new Error(
      `Faults that no case notices: ${unexplained}. Write a case for each, or say under "harmless" why it changes no answer.`,
    );
  }
  if (scores.some(({ outdated }) => outdated.length > 0)) {
    throw new Error('Some harmless faults are out of date; see above.');
  }
}

/** The same command without --watch in a process of its own, which loads what has changed. */
async function runAnew(signal: AbortSignal): Promise<void> {
  const options = process.argv.slice(2).filter((argument) => argument !== '--watch');
  const child = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), 'cases', ...options], {
    stdio: 'inherit',
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  await once(child, 'exit');
  signal.removeEventListener('abort', stop);
}
