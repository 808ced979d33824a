#!/usr/bin/env node
/**
 * Runs a command of the project, as npm does and a tenth of a second sooner: `scripts/run.mjs batch --landing …`.
 *
 * Node loads one JavaScript file much faster than hundreds of TypeScript files, so a command is bundled into `.build/` when
 * a source file has changed, which takes a third of a second. V8's code of the bundle is kept there too.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { runBundle } from './cached_code.mjs';

const root = join(import.meta.dirname, '..');
const commands = join(root, 'pipeline', 'commands');

/** Changes when a source file is changed, added or removed. */
function fingerprint() {
  let state = `${root} ${process.version}`;
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = `${folder}${sep}${entry.name}`;
      if (entry.isDirectory()) {
        visit(path);
      } else if (path.endsWith('.ts')) {
        state += `\n${path} ${statSync(path).mtimeMs}`;
      }
    }
  };
  for (const name of ['pipeline', 'queries', 'emulator', 'infra']) {
    visit(join(root, name));
  }
  for (const name of ['package-lock.json', 'scripts/build.mjs', 'scripts/cached_code.mjs']) {
    state += `\n${statSync(join(root, name)).mtimeMs}`;
  }
  return hashOf(state);
}

function hashOf(value) {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}

const [name = '', ...options] = process.argv.slice(2);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const known = Object.keys(scripts).filter((script) => scripts[script].startsWith('node scripts/run.mjs '));
if (!known.includes(name)) {
  process.stderr.write(`There is no command "${name}". The commands are ${known.sort().join(', ')}.\n`);
  process.exit(2);
}
const folder = join(root, '.build', fingerprint(), name);
if (!existsSync(folder)) {
  try {
    await (await import('./build.mjs')).build(folder);
  } catch (error) {
    if (error.syscall === undefined) {
      throw error;
    }
    process.stderr.write(
      `The command "${name}" cannot be bundled into ${join(root, '.build')}: ${error.message}. ` +
        'Remove that folder, or make it and the checkout writable for this user.\n',
    );
    process.exit(1);
  }
}
process.argv.splice(1, process.argv.length, join(commands, `${name}.ts`), ...options);
// The functions that a command calls depend on its options, so each set of options has code of its own.
const optionNames = options.filter((option) => option.startsWith('--')).map((option) => option.split('=')[0]);
await runBundle(join(folder, `${name}.cjs`), hashOf([...new Set(optionNames)].sort().join(' '))).ended;
