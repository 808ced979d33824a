/** Runs both versions of the repo, the one at hand and the one of a git ref, and compares what they declare and answer. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { tableRows, tablesIn, withFixture } from './answers.ts';
import { declarations } from './declarations.ts';
import { type Effect, effectOf, type Run } from './effect.ts';
import { KeptRuns, landingDigest } from './kept_runs.ts';
import { landedFiles } from './read_again.ts';
import { checkStack, emptyVersion, treeOf, versionIn, withTree, writtenVersion } from './version.ts';

export interface Comparison {
  /** The folder of the repo, with `node_modules`. */
  readonly repository: string;
  readonly stack: string;
  /** A git ref, or `empty`. */
  readonly against: string;
  /** A folder or S3 URL with `topics/`; undefined for the fixture. */
  readonly over: string | undefined;
  /** Is called as parts of the work are done. */
  readonly onStep?: (done: number, of: number) => void;
}

/** Waits for a part of the work, and tells of its end. */
type Step = <T>(work: Promise<T>) => Promise<T>;

/**
 * Compares the code that runs with another version of it.
 * @throws Error when there is no such stack
 * @throws VersionError when git does not know the ref, or a version cannot be run
 */
export async function compareVersions(comparison: Comparison): Promise<Effect> {
  const { repository, stack, against, over, onStep } = comparison;
  // The landing files, two of each version, and the comparison.
  const steps = against === 'empty' ? 4 : 6;
  let done = 0;
  const step: Step = async (work) => {
    const result = await work;
    done += 1;
    onStep?.(done, steps);
    return result;
  };
  checkStack(repository, stack);
  onStep?.(0, steps);
  const compare = async (landing: string): Promise<Effect> => {
    const names = datasets.map(({ name }) => name);
    const digest = over === undefined ? await step(landingDigest(landing)) : undefined;
    const landed = over === undefined ? undefined : await step(landedFiles(landing, names));
    const [before, version, rows] = await Promise.all([
      against === 'empty' ? { version: emptyVersion, rows: {} } : oldRun(comparison, landing, digest, step),
      step(declarations(join(repository, 'infra'), stack)),
      step(tablesIn(repository, landing)),
    ]);
    const { ProviderTypes } = await import('../graph/provider_types.ts');
    return step(
      effectOf({
        stack,
        against,
        over: over ?? 'the fixture of 2,000 generated posts',
        before,
        after: { version, rows },
        types: new ProviderTypes(),
        landed,
      }),
    );
  };
  return over === undefined ? withFixture(compare) : compare(over);
}

/**
 * The run of a git ref, of which earlier previews have kept what depends on nothing else.
 * @param digest of the landing files; undefined for files that may change
 */
async function oldRun(
  { repository, stack, against }: Comparison,
  landing: string,
  digest: string | undefined,
  step: Step,
): Promise<Run> {
  const kept = new KeptRuns(join(repository, '.build', 'preview-runs'));
  const tree = await treeOf(repository, against);
  const packages = await readFile(join(repository, 'package-lock.json'), 'utf8');
  const key = [tree, packages, process.version];
  return withTree(repository, tree, async (folder) => {
    const rows = () => tablesIn(folder, landing);
    const [version, tables] = await Promise.all([
      step(kept.get([...key, stack], writtenVersion, () => versionIn(folder, stack))),
      step(digest === undefined ? rows() : kept.get([...key, digest], tableRows, rows)),
    ]);
    return { version, rows: tables };
  });
}
