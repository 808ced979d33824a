/**
 * Programs of the tests as one file each. Node loads one file much faster than hundreds, so they are bundled into `.build/` when a
 * source file has changed, as scripts/run.mjs does with commands.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourceUrls } from '../../scripts/build.mjs';

const root = join(import.meta.dirname, '../..');

/** The bundle of a TypeScript program, by its path in the repository. */
export async function bundled(path) {
  const file = join(root, '.build', `test-${fingerprint()}`, `${path.replaceAll('/', '-')}.mjs`);
  if (!existsSync(file)) {
    await bundle(join(root, path), file);
  }
  return file;
}

/** Changes when a source file is changed, added or removed. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const folder of ['pipeline', 'queries', 'emulator', 'infra', 'test']) {
    for (const name of readdirSync(join(root, folder), { recursive: true }).sort()) {
      if (name.endsWith('.ts')) {
        hash.update(`\n${folder}/${name} ${statSync(join(root, folder, name)).mtimeMs}`);
      }
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function bundle(program, file) {
  const { build } = await import('esbuild');
  mkdirSync(dirname(file), { recursive: true });
  // Another process may make the same bundle.
  const aside = `${file}.${process.pid}`;
  await build({
    entryPoints: [program],
    outfile: aside,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [sourceUrls],
    logLevel: 'warning',
  });
  renameSync(aside, file);
}
