/**
 * Compares the decoder with the oracle, which reads a line with JSON.parse and cleans it from the written rules: over lines as
 * programs write them, lines with anything in them, and lines whose bytes were changed. The long run, by hand:
 *
 *     npx tsx test/json/decoder_fuzz.ts --values 10000000 [--seed 1]
 */
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { emptyTable, rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { Decoder } from '../../pipeline/json/decoder.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { cleanLine } from '../oracle/oracle.ts';
import { Choices } from '../support/random.ts';
import { anyLine, mutated } from './any_lines.ts';

interface Decoded {
  readonly rows: readonly unknown[];
  readonly lineStarts: readonly number[];
  readonly quarantined: readonly (readonly [text: string, reason: string])[];
}

/** The oracle's rows of lines. */
function plainlyDecoded(
  dataset: Dataset,
  columns: readonly string[],
  bytes: Buffer,
  offset: number,
): Decoded {
  const [rows, lineStarts, quarantined]: [unknown[], number[], [string, string][]] = [[], [], []];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const line = decoder.decode(bytes.subarray(start, end));
    const row = cleanLine(dataset.name, line);
    if (typeof row === 'string') {
      quarantined.push([line, row]);
    } else {
      rows.push(Object.fromEntries(columns.map((column) => [column, row[column]])));
      lineStarts.push(offset + start);
    }
    start = end + 1;
  }
  return { rows, lineStarts, quarantined };
}

/** Counts of the values compared. */
export interface Compared {
  lines: number;
  values: number;
  rows: number;
}

/**
 * Compares until so many values have been read.
 * @throws Error with the seed, the lines and both results, where they differ
 */
export function fuzzDecoder(values: number, seed: number): Compared {
  const compared = { lines: 0, values: 0, rows: 0 };
  for (let round = 0; compared.values < values; round += 1) {
    const choices = new Choices(Math.imul(seed, 0x9e3779b1) + round);
    const dataset = choices.of(...asArguments(datasets));
    const lines = Array.from({ length: 1 + choices.below(choices.of(3, 300)) }, () =>
      anyLine(choices, dataset),
    );
    let bytes: Buffer = Buffer.from(lines.join('\n') + choices.of('', '\n', '\n'));
    for (let changes = choices.of(0, 1, choices.below(lines.length + 1)); changes > 0; changes -= 1) {
      bytes = mutated(choices, bytes);
    }
    compareOnce(choices, dataset, bytes, `seed ${seed}, round ${round}`, compared);
    compared.values += lines.length * Object.keys(dataset.raw).length;
  }
  return compared;
}

function compareOnce(
  choices: Choices,
  dataset: Dataset,
  bytes: Buffer,
  place: string,
  compared: Compared,
): void {
  const all = Object.keys(dataset.cleaning.schema);
  const columns = choices.oneIn(2) ? all : all.filter(() => choices.oneIn(2));
  const decoder = new Decoder(dataset, {
    columns,
    ...(choices.oneIn(2) && { dictionariesOf: emptyTable(dataset.cleaning.schema) }),
  });
  const asOneEvent = choices.oneIn(8) && !bytes.includes(0x0a);
  const offset = choices.of(0, 1000, 2 ** 40);
  // Bytes that lie somewhere in a larger array, as pieces of files and records do.
  const before = choices.below(9);
  const given = Buffer.concat([
    Buffer.alloc(before, '{'),
    bytes,
    Buffer.alloc(choices.below(9), '"'),
  ]).subarray(before, before + bytes.length);
  const quarantined: [string, string][] = [];
  const quarantine = (line: Uint8Array, reason: string) => {
    quarantined.push([Buffer.from(line).toString(), reason]);
  };
  if (asOneEvent && bytes.length > 0) {
    decoder.decodeLine(given, quarantine, offset);
  } else {
    decoder.decodeLines(given, quarantine, offset);
  }
  const lineStarts = [...decoder.lineStarts];
  const actual: Decoded = { rows: rowsOf(decoder.take()), lineStarts, quarantined };
  const expected = plainlyDecoded(dataset, columns, bytes, offset);
  compared.lines += expected.rows.length + expected.quarantined.length;
  compared.rows += expected.rows.length;
  if (columns.length === 0) {
    return;
  }
  if (!isDeepStrictEqual(actual, expected)) {
    throw new Error(
      `${dataset.name}, ${place}: the decoder and the oracle differ over\n${JSON.stringify(bytes.toString('latin1'))}\n${firstDifference(actual, expected)}`,
    );
  }
}

function firstDifference(actual: Decoded, expected: Decoded): string {
  const all = (from: Decoded) => [...from.rows, ...from.lineStarts, ...from.quarantined];
  const place = all(expected).findIndex((one, i) => !isDeepStrictEqual(one, all(actual)[i]));
  return `decoder: ${JSON.stringify(all(actual)[place])}\noracle:  ${JSON.stringify(all(expected)[place])}`;
}

function asArguments<T>([first, ...others]: readonly T[]): [T, ...T[]] {
  if (first === undefined) {
    throw new Error('There is nothing to choose from.');
  }
  return [first, ...others];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { values: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } },
  });
  const { lines, values: read, rows } = fuzzDecoder(Number(values.values), Number(values.seed));
  console.log(`seed ${values.seed}: ${read} values in ${lines} lines, ${rows} of them rows: no difference`);
}
