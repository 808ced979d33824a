/**
 * Runs a command of the project: `node scripts/run.mjs batch --landing …`.
 *
 * Node reads a few large JavaScript files much faster than hundreds of TypeScript ones, so the commands are bundled into
 * `.build/` when a source file has changed since; that takes a third of a second, and starting from there a tenth.
 */
import { createHash } from 'node:crypto';
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
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const builds = join(root, '.build');
const dayMilliseconds = 24 * 3600 * 1000;
const commands = join(root, 'pipeline', 'commands');
/** Modules that run in threads of their own. */
const threads = ['pipeline/batch/decode_thread.ts'];
/** Packages of many small files that commands load at once; the others are loaded from where they are installed. */
const bundled = ['arquero', 'zod', 'hyparquet', 'hyparquet-writer', 'hyparquet-compressors'];

/** Changes when a source file does, or comes or goes. */
function fingerprint() {
  const hash = createHash('sha256').update(root).update(process.version);
  for (const name of ['package-lock.json', 'scripts/run.mjs'])
    hash.update(String(statSync(join(root, name)).mtimeMs));
  for (const folder of ['pipeline', 'queries', 'emulator', 'infra']) {
    for (const name of readdirSync(join(root, folder), { recursive: true })) {
      if (name.endsWith('.ts')) hash.update(`${name} ${statSync(join(root, folder, name)).mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

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

/** Bundles all commands into a folder, which is there wholly or not at all. */
async function build(folder) {
  const { build: bundle } = await import('esbuild');
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  mkdirSync(builds, { recursive: true });
  const aside = mkdtempSync(join(builds, 'new-'));
  await bundle({
    entryPoints: [
      ...readdirSync(commands).map((name) => join(commands, name)),
      ...threads.map((name) => join(root, name)),
    ],
    outdir: aside,
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
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
  for (const name of readdirSync(builds)) {
    const other = join(builds, name);
    // One that is younger may be running.
    if (other !== folder && Date.now() - statSync(other).mtimeMs > dayMilliseconds)
      rmSync(other, { recursive: true, force: true });
  }
}

const [name = '', ...options] = process.argv.slice(2);
if (!existsSync(join(commands, `${name}.ts`))) {
  process.stderr.write(
    `There is no command "${name}": the commands are ${readdirSync(commands).join(', ')}, without .ts.\n`,
  );
  process.exit(2);
}
const folder = join(builds, fingerprint());
if (!existsSync(folder)) await build(folder);
process.argv.splice(1, process.argv.length, join(commands, `${name}.ts`), ...options);
await import(pathToFileURL(join(folder, `${name}.js`)).href);
