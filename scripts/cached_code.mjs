/** Runs bundles with the code that V8 made of them the last time: neither parsing nor compiling what has run before. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** Otherwise what has not run for a while is thrown away, and would be missing from the code that is kept. */
setFlagsFromString('--no-flush-bytecode');
/**
 * V8 optimizes a function when it has run four times as long as usual: what pays over millions of rows is optimized all the
 * same, and small data is answered before the threads that optimize have taken the processors from it.
 */
setFlagsFromString('--interrupt-budget=270336');
/** V8 would look for garbage whenever it thinks that there is time; what commands hold is columns, which are no garbage. */
setFlagsFromString('--no-memory-reducer');
/** What is inlined is optimized once more wherever it is called: with small functions only, a batch needs a twentieth less time. */
setFlagsFromString('--max-inlined-bytecode-size=100');

/**
 * Runs a CommonJS bundle of ASCII text, and keeps its code when it ends well.
 * @param kind names what it is run for: each kind has code of its own
 * @returns what the bundle exports
 */
export function runBundle(file, kind) {
  const require = createRequire(file);
  // Whoever asks Node for traces with the lines of the sources (--enable-source-maps) gets them for modules only.
  if (process.sourceMapsEnabled) return require(file);
  const place = `${file}.${kind}.code`;
  const kept = readIfThere(place);
  const source = `(function (module, require) {${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, cachedData: kept?.subarray(sizeBytes) });
  // V8 refuses the code of another version of itself, or made with other flags.
  const known = kept === undefined || script.cachedDataRejected ? undefined : kept.readDoubleLE();
  process.on('exit', (status) => {
    const size = getHeapCodeStatistics().bytecode_and_metadata_size;
    if (status === 0 && (known === undefined || size > known * worthKeeping)) {
      // The first run may have had to build, with much code that is not the command's: the second counts.
      const counted = sizeAsBytes(known === undefined ? 0 : size);
      replaceFile(place, Buffer.concat([counted, script.createCachedData()]));
    }
  });
  const module = { exports: {} };
  script.runInThisContext()(module, require);
  return module.exports;
}

/** Before the code stands how much there was in all when it was kept: a run that has come to more adds it. */
const sizeBytes = 8;
const worthKeeping = 1.02;

function sizeAsBytes(size) {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeDoubleLE(size);
  return bytes;
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
  try {
    writeFileSync(aside, content);
    renameSync(aside, file);
  } catch {
    // Another user's folder or a full disk: the next run compiles again, and nothing else is lost.
    rmSync(aside, { force: true });
  }
}
