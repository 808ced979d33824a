/** Bundles a command, for scripts/run.mjs. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
/** A younger build may still be running, and load its threads. */
const retentionMilliseconds = 30 * 24 * 3600 * 1000;
/** Modules that run in threads, by the command that starts them. */
const worker = ['pipeline/batch/worker.ts'];
const threads = { batch: worker, case: worker, catalogue: worker, start: worker };
/**
 * Packages of many small files that commands load at start, or that `require` cannot load. The others are loaded from
 * node_modules.
 */
const bundled = ['arquero', 'zod', 'hyparquet', 'hyparquet-writer', 'hyparquet-compressors', 'hysnappy'];

/** Keeps `import.meta.url` the URL of the source, by which modules find the files beside them. */
export const sourceUrls = {
  name: 'source URLs',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const url = JSON.stringify(pathToFileURL(path).href);
      return { loader: 'ts', contents: source.replaceAll('import.meta.url', url) };
    });
  },
};

/** Bundles a command into the folder of its name, atomically. */
export async function build(folder) {
  const { build: bundle } = await import('esbuild');
  const command = basename(folder);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  mkdirSync(dirname(folder), { recursive: true });
  const aside = mkdtempSync(join(dirname(folder), 'new-'));
  await bundle({
    entryPoints: [`pipeline/commands/${command}.ts`, ...(threads[command] ?? [])].map((name) =>
      join(root, name),
    ),
    outdir: aside,
    entryNames: '[name]',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // V8 keeps code for scripts, in which `import()` would need a loader of its own.
    supported: { 'dynamic-import': false },
    sourcemap: 'linked',
    external: Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !bundled.includes(name)),
    define: { 'process.env.PINTEREST_BUILD': JSON.stringify(folder) },
    plugins: [sourceUrls],
    logLevel: 'warning',
  });
  try {
    renameSync(aside, folder);
  } catch (error) {
    // Another process has made the same build.
    if (!existsSync(folder)) {
      throw error;
    }
    rmSync(aside, { recursive: true });
  }
  removeOld(dirname(folder));
}

/** Removes old builds of other sources. */
function removeOld(current) {
  const builds = dirname(current);
  for (const name of readdirSync(builds)) {
    const other = join(builds, name);
    // Another process may have removed it.
    const made = statSync(other, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (other !== current && Date.now() - made > retentionMilliseconds) {
      rmSync(other, { recursive: true, force: true });
    }
  }
}
