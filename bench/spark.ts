/**
 * The notebooks on local Spark beside the plain one that a good engineer would write by hand, in turns in one session: a first load, a
 * run that finds nothing new, a day of new posts, a micro-batch of the stream, and an answer from its state.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import { writeLanding } from '../emulator/landing.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { handedIn } from '../pipeline/engines/spark/local/notebook.ts';
import { missingSpark, type SparkWorker, startSpark } from '../pipeline/engines/spark/local/session.ts';
import { notebookSources } from '../pipeline/engines/spark/notebooks/index.ts';
import { queries } from '../queries/index.ts';
import { withLanding } from './batch.ts';
import { now, type SparkMeasure, sparkRun } from './results.ts';
import { readablePosts } from './tables.ts';

/** Posts of a day, and events of a micro-batch, where somebody measures. */
const newPosts = 10_000;

/**
 * Measures every step at a size.
 * @throws Error when Spark is not set up, or an answer differs from the plain notebook's
 */
export async function measureSpark(posts: number, runs: number): Promise<SparkMeasure[]> {
  const missing = missingSpark();
  if (missing !== undefined) {
    throw new Error(missing);
  }
  const worker = await startSpark({ settings: settings() });
  try {
    // Nobody counts the first use of a session.
    await withLanding(1000, (landing, folder) =>
      measureSteps(worker, { landing, folder, posts: 1000, newPosts, runs: 1 }),
    );
    return await withLanding(posts, (landing, folder) =>
      measureSteps(worker, { landing, folder, posts, newPosts, runs }),
    );
  } finally {
    await worker.stop();
  }
}

/** The work of each step. */
export interface Work {
  /** Landing files of so many posts, to which the days are added. */
  readonly landing: string;
  readonly posts: number;
  /** Posts of a day, and events of a micro-batch. */
  readonly newPosts: number;
  /** A folder for lakes. */
  readonly folder: string;
  readonly runs: number;
}

/**
 * Measures every step in a session.
 * @throws Error when an answer differs from the plain notebook's
 */
export async function measureSteps(worker: SparkWorker, work: Work): Promise<SparkMeasure[]> {
  await worker.run(handedIn);
  await worker.run('import sys\nsys.path.insert(0, input)', peersFolder);
  await worker.run(`exec(compile(open(input).read(), input, "exec"))`, program);
  await worker.run('BATCH, STREAM = input', [
    notebooks.pinterest_batch_data,
    notebooks.pinterest_streaming_data,
  ]);
  return new Steps(worker, work).all();
}

const notebooks = notebookSources(datasets, queries);
const program = fileURLToPath(new URL('./spark.py', import.meta.url));
const peersFolder = fileURLToPath(new URL('./peers', import.meta.url));

/** More memory than tests have, the optimising compiler, and a record of all jobs. */
function settings(): Readonly<Record<string, string>> {
  return {
    'spark.driver.memory': '8g',
    'spark.driver.extraJavaOptions': '-Duser.timezone=UTC',
    'spark.ui.retainedJobs': '1000000',
    'spark.ui.retainedStages': '1000000',
  };
}

type Run = z.output<typeof sparkRun>;

class Steps {
  private lakes = 0;

  constructor(
    private readonly worker: SparkWorker,
    private readonly work: Work,
  ) {}

  async all(): Promise<SparkMeasure[]> {
    let [ours, theirs] = ['', ''];
    const first = await this.inTurns(
      () => {
        ours = this.newLake();
        return this.our(ours);
      },
      () => {
        theirs = this.newLake();
        return this.plain(theirs);
      },
    );
    const nothing = await this.inTurns(
      () => this.our(ours),
      () => this.plain(theirs),
    );
    let days = 0;
    const day = await this.inTurns(
      async () => {
        await this.land(this.work.landing, days, `day${days}`);
        days += 1;
        return this.our(ours);
      },
      () => this.plain(theirs),
    );
    const different = await this.worker.run('output = differing(*input)', [ours, theirs]);
    if (JSON.stringify(different) !== '[]') {
      throw new Error(`Answers of our notebook differ from the plain one's: ${JSON.stringify(different)}.`);
    }
    return [
      this.measure('first load', first),
      this.measure('nothing new', nothing),
      this.measure(`a day of ${readablePosts(this.work.newPosts)} posts`, day),
      this.measure(`a micro-batch of ${readablePosts(this.work.newPosts)} pins`, {
        ours: await this.microBatches(),
        theirs: [],
      }),
      this.measure('an answer from its state', { ours: await this.answersFromStates(ours), theirs: [] }),
    ];
  }

  private newLake(): string {
    this.lakes += 1;
    return join(this.work.folder, `lake${this.lakes}`);
  }

  /** Posts that are new: after those of the landing files, and of all days before. */
  private async land(landing: string, day: number, userPrefix: string): Promise<void> {
    const { posts, newPosts } = this.work;
    const firstPost = posts + day * newPosts;
    await writeLanding(landing, { posts: newPosts, seed: 1, firstPost, userPrefix });
  }

  private our(lake: string): Promise<Run> {
    return this.timed('our_notebook(BATCH, *arguments)', lake, [this.work.landing, lake]);
  }

  private plain(lake: string): Promise<Run> {
    return this.timed('plain_notebook(*arguments)', lake, [this.work.landing, lake]);
  }

  private async microBatches(): Promise<Run[]> {
    const lake = this.newLake();
    await this.worker.run('store_pins = micro_batches(STREAM, input)', lake);
    await this.timed('store_pins(*arguments)', lake, [this.work.landing]);
    const measured: Run[] = [];
    for (let batch = 0; batch < this.work.runs; batch += 1) {
      const records = join(this.work.folder, `batch${batch}`);
      await mkdir(records);
      await this.land(records, this.work.runs + batch, '');
      measured.push(await this.timed('store_pins(*arguments)', lake, [records]));
    }
    return measured;
  }

  /** All answers, read from the states of the last run: seconds of one. */
  private async answersFromStates(lake: string): Promise<Run[]> {
    const measured: Run[] = [];
    for (let run = 0; run < this.work.runs; run += 1) {
      const all = await this.timed('answers_from_states(BATCH, *arguments)', lake, [lake]);
      measured.push({ ...all, seconds: all.seconds / queries.length });
    }
    return measured;
  }

  private async timed(work: string, lake: string, parameters: readonly string[]): Promise<Run> {
    const source = `lake, arguments = input\noutput = measured(lambda: ${work}, lake)`;
    return sparkRun.parse(await this.worker.run(source, [lake, parameters]));
  }

  private async inTurns(our: () => Promise<Run>, plain: () => Promise<Run>) {
    const [ours, theirs]: [Run[], Run[]] = [[], []];
    for (let turn = 0; turn < this.work.runs; turn += 1) {
      const start = performance.now();
      ours.push(await our());
      theirs.push(await plain());
      process.stderr.write(`  a turn of ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
    }
    return { ours, theirs };
  }

  private measure(step: string, of: { readonly ours: Run[]; readonly theirs: Run[] }): SparkMeasure {
    return { ...now(), step, posts: this.work.posts, ...of };
  }
}
