/**
 * Compares the decoder with the oracle, which reads a line with JSON.parse and cleans it from the written rules: over lines as
 * programs write them, lines with anything in them, and lines whose bytes were changed. The long run, by hand:
 *
 *     npx tsx test/lake/decoder_fuzz.ts --values 10000000 [--seed 1]
 */
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { datasets } from '../../pipeline/datasets/index.ts';
import { CleanDecoder } from '../../pipeline/lake/decode.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { emptyTable, rowsOf } from '../../pipeline/table/columnar_table.ts';
import { cleanLine } from '../oracle/oracle.ts';

/** Random choices that a seed repeats (T. Ettinger's mulberry32). */
class Choices {
  constructor(private state: number) {}

  /** A whole number from 0 up to and without the limit. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((((mixed ^ (mixed >>> 14)) >>> 0) * limit) / 2 ** 32) | 0;
  }

  oneIn(chances: number): boolean {
    return this.below(chances) === 0;
  }

  of<T>(first: T, ...others: readonly T[]): T {
    return others[this.below(others.length + 1) - 1] ?? first;
  }
}

const texts = [
  ...[
    '',
    ' ',
    '\t\n\r ',
    '\u00a0',
    '\u2028',
    'a',
    ' a ',
    'é',
    '🂡',
    'ﬀ',
    'x"|"y',
    '\\',
    '\u007f',
    '\u0000',
    'null',
    '\ud83c',
    'a\udca1b',
  ],
  ...[
    'No Title Data Available',
    'No Title Data Available ',
    'No description available',
    'No description available Story format',
  ],
  ...[
    'User Info Error',
    'user Info Error',
    'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e',
    'Image src error.',
    'Image src error',
    'Image src error..',
  ],
  ...[
    'Local save in ',
    'Local save in /data/art',
    'Local save in  \t',
    'local save in /data',
    'Local save in',
    'Local save in é',
  ],
  ...[
    '0',
    '12k',
    '1.5M',
    '1.15k',
    '0.999999999999999999k',
    '1.9',
    ' 7k ',
    '7 k',
    '1.k',
    '.5k',
    '1e3',
    '٣',
    '007',
    '1B',
    '1b',
    'k',
    '1kk',
    '1..2',
    '-1',
    '+1',
  ],
  ...[
    '9007199254740991',
    '9007199254740992',
    '9007199.254740991B',
    '9007199.254740992B',
    '9007199254740.9919k',
    `1${'0'.repeat(400)}`,
    `${'0'.repeat(40)}7M`,
  ],
  ...[
    '2020-02-29 12:00:00',
    '2019-02-29 12:00:00',
    '1900-02-29 00:00:00',
    '2000-02-29T00:00:00',
    '0000-01-01 00:00:00',
    '0001-01-01 00:00:00',
  ],
  ...[
    '9999-12-31 23:59:59',
    '2020-13-01 00:00:00',
    '2020-00-10 00:00:00',
    '2020-04-31 00:00:00',
    '2020-04-00 00:00:00',
    '2020-01-01 24:00:00',
  ],
  ...[
    '2020-01-01 23:60:00',
    '2020-01-01 23:59:60',
    '2020-01-01t00:00:00',
    '2020-01-01 00:00:00\n',
    '2020-01-01 00:00:00Z',
    '2020-1-01 00:00:000',
    '2020-01-01 0:00:0000',
  ],
] as const;

const numbers = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '7528',
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '123456789012345',
    '1234567890123456',
  ],
  ...[
    '1.0',
    '1e2',
    '1E-2',
    '-0.0',
    '0.1',
    '-173.293',
    '90',
    '90.00000000000001',
    '-180.0',
    '0.30000000000000004',
    '1e999',
    '-1e-999',
    '12.3456789012345678901',
  ],
  ...[
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '1e',
    '00',
    '0x1',
    'NaN',
    `${'9'.repeat(400)}`,
    `1.${'3'.repeat(998)}`,
    `1.${'3'.repeat(999)}`,
  ],
] as const;

const otherValues = [
  'null',
  'true',
  'false',
  '{}',
  '[]',
  '[1,[2,{"a":"}"}]]',
  '{"index":1,"ind":2}',
  '[[]',
  'nul',
  'nullx',
  '"\\x"',
  '"\\u12"',
  '""x',
  '"a',
] as const;

const pieces = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '\n',
  '\r',
  '\t',
  '\u0000',
  '0',
  '-',
  '.',
  'e',
  'null',
  '\\u0041',
  '\\n',
  ',"ind":5',
  '"index":1,',
  'é',
  '\ufeff',
] as const;

/** A text of any characters, with quotes and escapes as JSON may have them. */
function anyText(choices: Choices): string {
  if (!choices.oneIn(3)) return JSON.stringify(choices.of('a', ...texts));
  const length = choices.oneIn(20) ? choices.below(300) : choices.below(12);
  let text = '';
  for (let i = 0; i < length; i += 1) {
    const character = String.fromCodePoint(
      choices.of(choices.below(0x7f), choices.below(0x800), choices.below(0x110000)),
    );
    text += character;
  }
  const written = JSON.stringify(text);
  return choices.oneIn(4) ? written.replace(/[a-z/]/, escaped) : written;
}

function escaped(character: string): string {
  return character === '/' ? '\\/' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The number that a field holds, most often of its kind. */
function anyNumber(choices: Choices): string {
  if (choices.oneIn(6)) return choices.of('0', ...numbers);
  const whole = String(choices.below(choices.of(10, 200, 100_000, 2 ** 31)) - choices.of(0, 0, 180));
  return choices.oneIn(2) ? whole : `${whole}.${choices.below(choices.of(10, 1000, 2 ** 31))}`;
}

/** A timestamp or count, most often well written. */
function anySpecialText(choices: Choices): string {
  const two = (limit: number) => String(choices.below(limit)).padStart(2, '0');
  if (choices.oneIn(2)) {
    return `"${choices.below(100) + 1950}-${two(14)}-${two(33)}${choices.of(' ', 'T')}${two(25)}:${two(61)}:${two(61)}"`;
  }
  return `"${choices.below(1000)}${choices.of('', '', '.5', '.1234567')}${choices.of('', 'k', 'K', 'm', 'M', 'b')}"`;
}

function anyValue(choices: Choices, type: string): string {
  if (choices.oneIn(40)) return choices.of('null', ...otherValues);
  if (choices.oneIn(40)) return choices.of(anyText(choices), anyNumber(choices));
  if (type !== 'text') return anyNumber(choices);
  return choices.oneIn(3) ? anySpecialText(choices) : anyText(choices);
}

/** A line of a dataset: most often whole and in order. */
function anyLine(choices: Choices, { raw, key }: Dataset): string {
  const [comma, colon] = choices.of([',', ':'], [', ', ': '], [',', ': '], [', ', ':']);
  let fields = Object.entries(raw).map(([name, type]) => {
    const value = name === key && !choices.oneIn(20) ? String(choices.below(1000)) : anyValue(choices, type);
    return `${JSON.stringify(name)}${colon}${value}`;
  });
  if (choices.oneIn(12)) fields = fields.filter(() => !choices.oneIn(4));
  if (choices.oneIn(12)) fields.reverse();
  if (choices.oneIn(12)) fields.push(choices.of('"more":1', ...fields));
  if (choices.oneIn(12)) fields.unshift(choices.of('"":{"a":[]}', ...fields));
  return `{${fields.join(comma)}}${choices.of('', '', '', '', '\r', ' ')}`;
}

/** The bytes with some of them changed, left out, added or repeated. */
function mutated(choices: Choices, bytes: Buffer): Buffer {
  const at = choices.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + choices.of(1, 1, 2, choices.below(40)));
  const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  const random = Buffer.from(Array.from({ length: choices.of(1, 1, 3) }, () => choices.below(256)));
  const piece = Buffer.from(choices.of('"', ...pieces));
  return Buffer.concat(
    choices.of<readonly Buffer[]>(
      [before, after],
      [before, random, after],
      [before, random, cut, after],
      [before, piece, after],
      [before, piece, cut, after],
      [before, cut, cut, after],
      [before],
    ),
  );
}

interface Decoded {
  readonly rows: readonly unknown[];
  readonly lineStarts: readonly number[];
  readonly quarantined: readonly (readonly [text: string, reason: string])[];
}

/** What the oracle makes of lines. */
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

/** What was compared. */
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
    for (let changes = choices.of(0, 0, 1, choices.below(lines.length + 1)); changes > 0; changes -= 1) {
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
  const decoder = new CleanDecoder(dataset, {
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
  if (asOneEvent && bytes.length > 0) decoder.decodeLine(given, quarantine, offset);
  else decoder.decodeLines(given, quarantine, offset);
  const lineStarts = [...decoder.lineStarts];
  const actual: Decoded = { rows: rowsOf(decoder.take()), lineStarts, quarantined };
  const expected = plainlyDecoded(dataset, columns, bytes, offset);
  compared.lines += expected.rows.length + expected.quarantined.length;
  compared.rows += expected.rows.length;
  if (columns.length === 0) return;
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
  if (first === undefined) throw new Error('There is nothing to choose from.');
  return [first, ...others];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { values: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } },
  });
  const { lines, values: read, rows } = fuzzDecoder(Number(values.values), Number(values.seed));
  console.log(`seed ${values.seed}: ${read} values in ${lines} lines, ${rows} of them rows: no difference`);
}
