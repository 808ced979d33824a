/** The difference in the Spark code that Databricks runs, as git shows differences. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file of code that differs. */
export interface CodeChange {
  readonly file: string;
  /** The difference as git shows it. */
  readonly diff: string;
}

type Sources = Readonly<Record<string, string>>;

/** The notebooks that differ, sorted by name, each with its unified difference. */
export async function sparkChanges(before: Sources, after: Sources): Promise<readonly CodeChange[]> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => before[name] !== after[name]);
  const folder = await mkdtemp(join(tmpdir(), 'pinterest-spark-'));
  try {
    await mkdir(join(folder, 'before'));
    await mkdir(join(folder, 'after'));
    return await Promise.all(
      changed.map(async (name) => {
        const file = `${name}.py`;
        await writeFile(join(folder, 'before', file), before[name] ?? '');
        await writeFile(join(folder, 'after', file), after[name] ?? '');
        return { file, diff: await unifiedDiff(folder, join('before', file), join('after', file)) };
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lines from the first `@@` on: what stands before it names temporary files. */
function unifiedDiff(folder: string, before: string, after: string): Promise<string> {
  const parameters = ['diff', '--no-index', '--no-color', '--no-ext-diff', '--', before, after];
  return new Promise((resolve, reject) => {
    execFile('git', parameters, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      // git ends with 1 when there is a difference.
      if (error && error.code !== 1) {
        reject(error);
      } else {
        resolve(stdout.slice(Math.max(0, stdout.indexOf('@@'))));
      }
    });
  });
}
