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
import { build as bundle } from 'esbuild';

const root = join(import.meta.dirname, '..');
/** One that is younger may still be running, and ask for its threads. */
const keptMilliseconds = 30 * 24 * 3600 * 1000;
/** Modules that run in threads of their own, by the command that starts them. */
const threads = { batch: ['pipeline/batch/worker.ts'], start: ['pipeline/batch/worker.ts'] };
/**
 * Packages of many small files that commands load at once, or that `require` cannot load; the others are loaded from where
 * they are installed.
 */
const bundled = ['arquero', 'zod', 'hyparquet', 'hyparquet-writer', 'hyparquet-compressors', 'hysnappy'];

/** Modules find what lies beside them by their own address, which is that of their source. */
const sourceAddresses = {
  name: 'source addresses',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const address = JSON.stringify(pathToFileURL(path).href);
      return { loader: 'ts', contents: source.replaceAll('import.meta.url', address) };
    });
  },
};

/** Bundles the command that a folder is named after into it. It is there wholly or not at all. */
export async function build(folder) {
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
    // V8 keeps code for scripts, whose `import()` would need a loader of their own.
    supported: { 'dynamic-import': false },
    sourcemap: 'linked',
    external: Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !bundled.includes(name)),
    define: { 'process.env.PINTEREST_BUILD': JSON.stringify(folder) },
    plugins: [sourceAddresses],
    logLevel: 'warning',
  });
  try {
    renameSync(aside, folder);
  } catch (error) {
    // Another process has built the same meanwhile.
    if (!existsSync(folder)) throw error;
    rmSync(aside, { recursive: true });
  }
  removeOld(dirname(folder));
}

/** Removes builds of sources as they no longer are; a young one may be running. */
function removeOld(current) {
  const builds = dirname(current);
  for (const name of readdirSync(builds)) {
    const other = join(builds, name);
    // Another process may have removed it meanwhile.
    const made = statSync(other, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (other !== current && Date.now() - made > keptMilliseconds)
      rmSync(other, { recursive: true, force: true });
  }
}
