/** Adversarial landings from a seed: odd lines, invalid bytes, and their distribution over files. */
import fc from 'fast-check';
import { landedLines } from '../../support/adversarial_events.ts';
import { type Landing, landingFile } from './cases.ts';
import { oddLines } from './odd_lines.ts';

const invalidUtf8 = fc.constantFrom(
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0x0d],
  [0x00],
);

/** A line's bytes, now and then with invalid ones among them. */
const bytesOf = (line: string) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(Buffer.from(line)) },
    fc.tuple(invalidUtf8, fc.nat()).map(([invalid, seed]) => {
      const bytes = Buffer.from(line);
      const at = seed % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(invalid), bytes.subarray(at)]);
    }),
  );

const few = {
  pin: oddLines({ key: 'index', text: 'title', number: 'downloaded' }).filter((line) => line.length < 300),
  geo: oddLines({ key: 'ind', text: 'country', number: 'latitude' }).filter((line) => line.length < 300),
  user: oddLines({ key: 'ind', text: 'first_name', number: 'age' }).filter((line) => line.length < 300),
};

type Name = keyof typeof few;
const names: readonly Name[] = ['pin', 'geo', 'user'];

/** The files of a dataset: lines dealt over up to three, some with a BOM, some without a last line end, some prefixed. */
const filesOf = (name: Name, lines: readonly string[]) =>
  fc
    .record({
      lines: fc.tuple(...lines.map(bytesOf)),
      odd: fc.array(fc.constantFrom(...few[name]), { maxLength: 4 }),
      files: fc.integer({ min: 1, max: 2 }),
      bom: fc.boolean(),
      open: fc.boolean(),
      prefix: fc.constantFrom('', '0a60b9a8a831.'),
    })
    .map((options) => {
      const all = [...options.lines, ...options.odd];
      const topic = options.prefix + name;
      return Object.fromEntries(
        Array.from({ length: options.files }, (_, file) => {
          const content = landingFile(
            all.filter((__, at) => at % options.files === file),
            options.open,
          );
          const start = Buffer.from(options.bom ? [0xef, 0xbb, 0xbf] : []);
          const path = `topics/${topic}/partition=${file}/${topic}+${file}+0000000000.json`;
          return [path, Buffer.concat([start, content])] as const;
        }),
      );
    });

/** Landing files of the three datasets. */
const landings: fc.Arbitrary<Landing> = landedLines.chain((lines) =>
  fc.tuple(...names.map((name) => filesOf(name, lines[name]))).map((files) => Object.assign({}, ...files)),
);

/** A number of landings, the same ones for the same seed. */
export function landingsOf(seed: number, count: number): readonly Landing[] {
  return fc.sample(landings, { seed, numRuns: count });
}

/** Tells whether a line begins with the mark that a file may begin with. */
export function startsWithMark(line: Buffer): boolean {
  return line.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
}

/** The lines of a file. */
export function linesOf(content: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < content.length; ) {
    const end = content.indexOf(0x0a, start);
    lines.push(content.subarray(start, end < 0 ? content.length : end));
    start = end < 0 ? content.length : end + 1;
  }
  return lines;
}
