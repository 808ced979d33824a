import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: root,
  encoding: 'utf8',
});
/** AssemblyScript has rules of its own. */
const files = tracked.split('\n').filter((file) => file !== '' && !file.includes('/wasm/'));
const sources = files.filter((file) => !file.startsWith('test/'));

/** The rooms of the pipeline from the lowest up, those of one line beside each other. ARCHITECTURE.md draws them. */
const layers: readonly (readonly string[])[] = [
  ['retry', 'task_group', 'wasm_module'],
  ['storage', 'plan', 'serving'],
  ['columns', 'datasets'],
  ['naming', 'json', 'parquet'],
  ['delta', 'log', 'api'],
  ['landing', 'engines', 'erasures'],
  ['batch', 'stream'],
  ['compare', 'cases', 'telemetry', 'erase'],
  ['ui'],
  ['commands'],
];

/** The room of a pipeline file, such as `columns` or `engines/spark`; undefined for files elsewhere. */
function roomOf(file: string): string | undefined {
  return /^pipeline\/(engines\/\w+|\w+)/.exec(file)?.[1];
}

function layerOf(room: string): number {
  const layer = layers.findIndex((rooms) => rooms.includes(room.replace(/\/.*/, '')));
  if (layer < 0) {
    throw new RangeError(
      `The room ${room} has no layer: add it to test/structure.test.ts and ARCHITECTURE.md.`,
    );
  }
  return layer;
}

/** The files of the repo that a file imports, types too. */
function importsOf(file: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)));
}

describe('the structure of the repo', () => {
  it('lets pipeline rooms import only from lower layers and from themselves', () => {
    const wrong = sources.flatMap((file) => {
      const room = roomOf(file);
      return room === undefined
        ? []
        : importsOf(file)
            .filter((imported) => {
              const other = roomOf(imported);
              return other === undefined
                ? !(room === 'commands' || imported.startsWith('queries/'))
                : other !== room && layerOf(other) >= layerOf(room);
            })
            .map((imported) => `${file} imports ${imported}`);
    });
    expect(wrong).toEqual([]);
  });

  it('keeps files below 300 lines, but for those named here', () => {
    /** Each with the reason why it reads better whole. */
    const exceptions: Readonly<Record<string, string>> = {
      'pipeline/log/embedded.ts': 'one class, whose methods share the open partitions',
      'pipeline/log/embedded/writer.ts': 'one class, whose methods share the state of the last segment',
      'pipeline/log/kafka.ts': 'one class, the interface of a log over one client',
      'test/emulator/gateway_kinesis.test.ts': 'one suite over one gateway',
      'test/json/decoder.test.ts': 'one suite over one decoder',
      'test/landing/sink/sink.test.ts': 'one suite over one sink',
      'test/log/contract.ts': 'the contract that every log keeps',
      'test/log/embedded.test.ts': 'one suite over one log',
      'test/pinned/continued.test.ts': 'one suite over one old data folder',
      'test/pinned/names.test.ts': 'one list of stored names',
      'test/real/emulator/database.test.ts': 'one suite over one server, which takes seconds to start',
      'test/real/log/kafka.test.ts': 'one suite over one broker, which takes seconds to start',
      'test/real/ui/live.test.ts': 'one suite over one browser',
      'test/stream/faults.test.ts': 'one suite over one faulty log',
    };
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 301);
    expect(long.filter((file) => exceptions[file] === undefined)).toEqual([]);
    expect(Object.keys(exceptions).filter((file) => !long.includes(file))).toEqual([]);
  });
});
