/** Histories of the batch notebook: landing files that come in runs cut at random, and runs that are killed at a commit. */
import { expect } from 'vitest';
import { Choices } from '../../support/random.ts';
import type { Landing } from './cases.ts';
import { landingsOf } from './landings.ts';
import { theRun } from './notebook_runs.ts';

/** The files of several landings, dealt at random to runs. */
export function historyOf(seed: number, landings: number, runs: number): readonly Landing[] {
  const choices = new Choices(seed);
  const files = landingsOf(seed, landings).flatMap((landing, at) =>
    Object.entries(landing).map(
      ([path, content]) => [path.replace('+0000000000.', `+000000${1000 + at}.`), content] as const,
    ),
  );
  const cut = files.map((file) => ({ file, run: choices.below(runs) }));
  return Array.from({ length: runs }, (_, run) =>
    Object.fromEntries(cut.filter((of) => of.run === run).map(({ file }) => file)),
  );
}

/**
 * The notebook, which dies right before a commit: nothing is written from then on. The commits are counted from 0, in the order of
 * time, and tables that are made empty are among them.
 */
export function killedAt(notebook: string, commit: number): string {
  expect(notebook).toContain(theRun);
  return notebook.replace(theRun, () => `${dying.replace('COMMIT', String(commit))}\n${theRun}`);
}

/** The text of the error by which a killed run ends. */
export const killed = 'Killed before a commit';

// In names that the notebook has not: its last part has a `counted` of its own.
const dying = `
import itertools, threading
commits_begun, commits_lock = itertools.count(), threading.Lock()
def alive():
    with commits_lock:
        if next(commits_begun) >= COMMIT:
            raise SystemError("${killed}")
def dying(commit):
    def committed(*arguments, **options):
        alive()
        return commit(*arguments, **options)
    return committed
write, create = dying(write), dying(create)
`;
