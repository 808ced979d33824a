/** Runs bundles with the code that V8 made of them in the last run, without parsing or compiling what has run before. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** Keeps code that has not run for a while, which would otherwise be missing from the kept code. */
setFlagsFromString('--no-flush-bytecode');
/**
 * Lets V8 optimise a function after it has run four times as long as by default. Loops over millions of rows are optimised
 * all the same, and small data is answered before the optimising threads have taken the processors from it. Later versions of V8 have no such flag: they compile with Maglev first.
 */
if (Number.parseInt(process.versions.v8, 10) < 12) {
  setFlagsFromString('--interrupt-budget=270336');
}
/** Collects no garbage when idle: what commands hold is columns, which are live. */
setFlagsFromString('--no-memory-reducer');
/** Inlines only small functions, because inlined code is optimised again at each call: a batch takes a twentieth less time. */
setFlagsFromString('--max-inlined-bytecode-size=100');

/**
 * Runs a CommonJS bundle of ASCII characters, and keeps its code when it succeeds.
 * @param kind names the kind of run: each kind has code of its own
 * @returns the exports of the bundle
 */
export function runBundle(file, kind) {
  const require = createRequire(file);
  // Node supports --enable-source-maps for modules only.
  if (process.sourceMapsEnabled) {
    return require(file);
  }
  const codeFile = `${file}.${kind}.code`;
  const cached = readIfExists(codeFile);
  const source = `(function (module, require) {${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, cachedData: cached?.subarray(sizeBytes) });
  // V8 refuses the code of another version of itself, or made with other flags.
  const cachedSize = cached === undefined || script.cachedDataRejected ? undefined : cached.readDoubleLE();
  process.on('exit', (status) => {
    const size = getHeapCodeStatistics().bytecode_and_metadata_size;
    if (status === 0 && (cachedSize === undefined || size > cachedSize * worthKeeping)) {
      // The first run may include a build, whose code is not the command's: the size counts from the second run on.
      const header = sizeAsBytes(cachedSize === undefined ? 0 : size);
      replaceFile(codeFile, Buffer.concat([header, script.createCachedData()]));
    }
  });
  const module = { exports: {} };
  script.runInThisContext()(module, require);
  return module.exports;
}

/** The header before the code: the size of all code when it was kept, so that a run with more code replaces it. */
const sizeBytes = 8;
const worthKeeping = 1.02;

function sizeAsBytes(size) {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeDoubleLE(size);
  return bytes;
}

function readIfExists(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Replaces a file atomically: a concurrent run reads the old file or the new one. */
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
