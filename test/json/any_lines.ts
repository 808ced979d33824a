/** Lines for the decoder as programs write them, as nobody should, and with bytes changed; fast, as millions are made. */
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { oddCounts, oddTimes, oddWords } from '../support/odd_strings.ts';
import type { Choices } from '../support/random.ts';

/** Surrogates alone can be written as escapes only. */
const texts = [...oddWords, '\ud83c', 'a\udca1b', ...oddCounts, ...oddTimes];

const numbers = [
  ...'0 -0 1 -1 7528 9007199254740991 -9007199254740991 9007199254740992 123456789012345'.split(' '),
  ...'1234567890123456 1.0 1e2 1E-2 -0.0 0.1 -173.293 90 90.00000000000001 -180.0'.split(' '),
  ...'0.30000000000000004 1e999 -1e-999 12.3456789012345678901 01 1. .5 +1 - 1e 00 0x1 NaN'.split(' '),
  ...['9'.repeat(400), `1.${'3'.repeat(998)}`, `1.${'3'.repeat(999)}`],
];

const otherValues = [
  ...'null true false {} [] [1,[2,{"a":"}"}]] {"index":1,"ind":2} [[] nul nullx'.split(' '),
  ...['"\\x"', '"\\u12"', '""x', '"a'],
];

const pieces = [
  ...'" \\ { } [ ] , : 0 - . e null \\u0041 \\ud83c \\udca1 \\n \\b \\f \\r \\t \\/ \\" \\\\'.split(' '),
  ...[' ', '\n', '\r', '\t', '\u0000', '\u001f', '\u000b', '\u0007', ',"ind":5', '"index":1,', 'é', '\ufeff'],
];

/** A text of any characters, with quotes and escapes as JSON may have them. */
function anyText(choices: Choices): string {
  if (!choices.oneIn(3)) {
    return JSON.stringify(choices.of('a', ...texts));
  }
  const length = choices.oneIn(20) ? choices.below(300) : choices.below(12);
  let text = '';
  for (let i = 0; i < length; i += 1) {
    const character = String.fromCodePoint(
      choices.of(choices.below(0x7f), choices.below(0x800), choices.below(0x110000)),
    );
    text += character;
  }
  const written = JSON.stringify(text);
  return choices.oneIn(3) ? written.replace(/[a-z/]|[^\0-\x7f]+/, escaped) : written;
}

/** Characters as escapes; pairs of surrogates are two of them. */
function escaped(characters: string): string {
  const units = Array.from({ length: characters.length }, (_, i) =>
    characters.charCodeAt(i).toString(16).padStart(4, '0'),
  );
  return characters === '/' ? '\\/' : units.map((unit) => `\\u${unit}`).join('');
}

/** The number that a field holds, most often of its kind. */
function anyNumber(choices: Choices): string {
  if (choices.oneIn(6)) {
    return choices.of('0', ...numbers);
  }
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
  if (choices.oneIn(40)) {
    return choices.of('null', ...otherValues);
  }
  if (choices.oneIn(40)) {
    return choices.of(anyText(choices), anyNumber(choices));
  }
  if (type !== 'text') {
    return anyNumber(choices);
  }
  return choices.oneIn(3) ? anySpecialText(choices) : anyText(choices);
}

/** A line of a dataset: most often whole and in order. */
export function anyLine(choices: Choices, { raw, key }: Dataset): string {
  const [comma, colon] = choices.of([',', ':'], [', ', ': '], [',', ': '], [', ', ':']);
  let fields = Object.entries(raw).map(([name, type]) => {
    const value = name === key && !choices.oneIn(20) ? String(choices.below(1000)) : anyValue(choices, type);
    return `${JSON.stringify(name)}${colon}${value}`;
  });
  if (choices.oneIn(12)) {
    fields = fields.filter(() => !choices.oneIn(4));
  }
  if (choices.oneIn(12)) {
    fields.reverse();
  }
  if (choices.oneIn(12)) {
    fields.push(choices.of('"more":1', ...fields));
  }
  if (choices.oneIn(12)) {
    fields.unshift(choices.of('"":{"a":[]}', ...fields));
  }
  return `{${fields.join(comma)}}${choices.of('', '', '', '', '\r', ' ')}`;
}

/** The bytes with some of them changed, left out, added or repeated. */
export function mutated(choices: Choices, bytes: Buffer): Buffer {
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
