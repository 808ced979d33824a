/** Two versions of the repo: the one at hand, and the one of a git ref, run by its own code. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { Graph } from '../graph/record.ts';
import { type TableDescriptions, tableDescriptions } from './described_tables.ts';
import { type VersionCosts, versionCosts } from './money.ts';

const run = promisify(execFile);
const maxBuffer = 256 * 1024 * 1024;

/** The declarations of a version. */
export interface Version extends Graph {
  /** The Databricks notebooks by name. */
  readonly spark: Readonly<Record<string, string>>;
  /** Its tables; none for a version that does not describe them. */
  readonly tables: TableDescriptions;
  /** Undefined for a version that does not tell them. */
  readonly costs?: VersionCosts | undefined;
  /** Undefined for a version that does not tell it. */
  readonly lifecycle?: Lifecycle | undefined;
}

/** The time for which the lake's bucket keeps landing files. */
const lifecycle = z.object({
  /** Days until a file is deleted; null when none is. */
  landingDays: z.number().nullable(),
  /** Days for which the lines of landing files are kept in bronze; null where none are. */
  bronzeDays: z.number().nullable().default(null),
  /** Days for which a deleted file can be brought back. */
  oldVersionDays: z.number(),
});
export type Lifecycle = z.infer<typeof lifecycle>;

/** A version as its program prints it. */
export const writtenVersion = z.object({
  stack: z.string(),
  nodes: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      parent: z.string().exactOptional(),
      component: z.boolean(),
      inputs: z.record(z.string(), z.json()),
      options: z.record(z.string(), z.json()),
      dependsOn: z.array(z.string()),
    }),
  ),
  outputs: z.record(z.string(), z.json()),
  spark: z.record(z.string(), z.string()).default({}),
  tables: tableDescriptions.default({}),
  costs: versionCosts.optional(),
  lifecycle: lifecycle.optional(),
});

/** Nothing: what everything is new against. */
export const emptyVersion: Version = { stack: '', nodes: [], outputs: {}, spark: {}, tables: {} };

/** A version's files could not be had, or its program failed. */
export class VersionError extends Error {
  override readonly name = 'VersionError';
}

/**
 * The tree of a git ref, which names its files whatever commit holds them.
 * @throws VersionError when git does not know the ref
 */
export async function treeOf(repository: string, ref: string): Promise<string> {
  const parameters = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{tree}`];
  const { stdout } = await run('git', parameters, { cwd: repository }).catch((error: unknown) => {
    throw new VersionError(`git knows no "${ref}": name a branch, a tag or a commit, or empty.`, {
      cause: error,
    });
  });
  return stdout.trim();
}

/**
 * Lays the files of a git tree into a folder for as long as something is done with them.
 * @param repository the folder with `node_modules`, which the version is run with
 */
export async function withTree<T>(
  repository: string,
  tree: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'pinterest-preview-'));
  const folder = join(parent, 'repository');
  const archive = join(parent, 'files.tar');
  try {
    await mkdir(folder);
    await run('git', ['archive', '--format=tar', `--output=${archive}`, tree], { cwd: repository });
    await run('tar', ['-xf', archive, '-C', folder]);
    await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
    return await use(folder);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** Prints a version's resources and Spark code; the second path is that of versions before infra/tools. */
const programs = [join('infra', 'tools', 'graph', 'write.ts'), join('infra', 'graph', 'write.ts')];

/** @throws Error when a repo declares no such stack */
export function checkStack(repository: string, stack: string): void {
  if (!existsSync(join(repository, 'infra', `Pulumi.${stack}.yaml`))) {
    throw new Error(`There is no stack "${stack}": infra/ has no Pulumi.${stack}.yaml.`);
  }
}

/**
 * Runs the program of a version in a process of its own. A version from before there was one declares nothing.
 * @throws VersionError with what the program said
 */
export async function versionIn(folder: string, stack: string): Promise<Version> {
  const program = programs.find((path) => existsSync(join(folder, path)));
  if (program === undefined || !existsSync(join(folder, 'infra', `Pulumi.${stack}.yaml`))) {
    return emptyVersion;
  }
  const { stdout } = await run(process.execPath, ['--import', 'tsx', program, stack], {
    cwd: folder,
    maxBuffer,
  }).catch((error: { stderr?: string }) => {
    throw new VersionError(
      `The program in ${folder} cannot be run for ${stack}: ${String(error.stderr).trim()}`,
    );
  });
  return writtenVersion.parse(JSON.parse(stdout));
}
