import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSource, sourcesOf } from '../../pipeline/landing/byte_source.ts';
import { LineReader, linesOf } from '../../pipeline/landing/line_ranges.ts';
import { suiteFolder } from '../support/folder.ts';

const folder = suiteFolder('lines');

async function open(file: string): Promise<ByteSource> {
  const openSource = await sourcesOf('', [{ path: file, ranges: [] }]);
  return openSource(0);
}

/** The lines of a range, each with its offset, without line ends. */
function linesIn(source: ByteSource, from: number, to: number): [number, string][] {
  const lines: [number, string][] = [];
  for (const { bytes, offset } of linesOf(source, from, to)) {
    let at = offset;
    const text = Buffer.from(bytes).toString('latin1');
    for (const line of (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')) {
      lines.push([at, line]);
      at += line.length + 1;
    }
  }
  return lines;
}

const content = fc
  .array(
    fc.oneof(
      fc.constantFrom('', 'a', '\r', '{"index":1}'),
      fc.string({ unit: 'binary-ascii', maxLength: 30 }),
    ),
    {
      maxLength: 12,
    },
  )
  .map((lines) => lines.map((line) => line.replaceAll('\n', ' ')).join('\n'));

describe('the lines of ranges of a file', () => {
  it('are all its lines, each in one range, however it is cut', async () => {
    const file = join(folder, 'cut.json');
    await fc.assert(
      fc.asyncProperty(content, fc.array(fc.nat(200)), fc.boolean(), async (text, cuts, ended) => {
        const whole = ended && text !== '' ? `${text}\n` : text;
        await writeFile(file, whole, 'latin1');
        const edges = [0, ...cuts.filter((cut) => cut > 0).sort((a, b) => a - b), Number.POSITIVE_INFINITY];
        const source = await open(file);
        const parts = edges.slice(1).flatMap((to, i) => linesIn(source, edges[i] ?? 0, to));
        const lines = whole === '' ? [] : (whole.endsWith('\n') ? whole.slice(0, -1) : whole).split('\n');
        expect(parts.map(([, line]) => line)).toEqual(lines);
        const reader = new LineReader(source);
        for (const [start, line] of parts) {
          expect(Buffer.from(reader.lineAt(start)).toString('latin1')).toBe(line);
        }
        source.close();
      }),
      { numRuns: 300 },
    );
  });

  it('may be longer than one chunk', async () => {
    const file = join(folder, 'long.json');
    const long = 'x'.repeat(9_000_000);
    await writeFile(file, `a\n${long}\nb\n`);
    const source = await open(file);
    expect(linesIn(source, 0, 1).map(([, line]) => line)).toEqual(['a']);
    expect(linesIn(source, 1, 3).map(([, line]) => line.length)).toEqual([9_000_000]);
    expect(linesIn(source, 3, Number.POSITIVE_INFINITY)).toEqual([[9_000_003, 'b']]);
    const reader = new LineReader(source);
    expect(reader.lineAt(2).length).toBe(9_000_000);
    expect(Buffer.from(reader.lineAt(9_000_003)).toString()).toBe('b');
    source.close();
  });

  it('leave out a byte order mark at the beginning of the file only', async () => {
    const file = join(folder, 'mark.json');
    await writeFile(file, '\ufeffa\n\ufeffb\n');
    const source = await open(file);
    expect(linesIn(source, 0, Number.POSITIVE_INFINITY).map(([at, line]) => [at, line.length])).toEqual([
      [3, 1],
      [5, 4],
    ]);
    source.close();
  });
});

it('refuses a line that does not end, by its place and size', () => {
  const endless: ByteSource = {
    readAt: (buffer, offset) => buffer.fill(0, offset).length - offset,
    close: () => {},
  };
  expect(() => [...linesOf(endless, 0, Infinity)]).toThrow(/line at byte 0 is longer than 256 MiB/);
});
