/** Runs bundles with the code that V8 made of them the last time: neither parsing nor compiling what has run before. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** Otherwise what has not run for a while is thrown away, and would be missing from the code that is kept. */
setFlagsFromString('--no-flush-bytecode');
/**
 * V8 optimizes a function when it has run four times as long as usual: what pays over millions of rows is optimized all the
 * same, and small data is answered before the threads that optimize have taken the processors from it.
 */
setFlagsFromString('--interrupt-budget=270336');

/**
 * Runs a CommonJS bundle of ASCII text, and keeps its code when it ends well.
 * @param kind names what it is run for: each kind has code of its own
 * @returns what the bundle exports
 */
export function runBundle(file, kind) {
  const require = createRequire(file);
  // Whoever asks Node for traces with the lines of the sources (--enable-source-maps) gets them for modules only.
  if (process.sourceMapsEnabled) return require(file);
  const kept = `${file}.${kind}.code`;
  const cachedData = readIfThere(kept);
  const source = `(function (module, require) {${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, cachedData });
  // V8 refuses the code of another version of itself, or made with other flags.
  if (cachedData === undefined || script.cachedDataRejected) {
    process.on('exit', (status) => {
      if (status === 0) replaceFile(kept, script.createCachedData());
    });
  }
  const module = { exports: {} };
  script.runInThisContext()(module, require);
  return module.exports;
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whoever else runs the same reads the old file or the new one. */
function replaceFile(file, content) {
  const aside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(aside, content);
  renameSync(aside, file);
}
