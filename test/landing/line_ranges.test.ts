import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader, linesOf } from '../../pipeline/landing/line_ranges.ts';
import { suiteFolder } from '../support/folder.ts';

const folder = suiteFolder('lines');

/** Lines of a part with where each begins, without line ends. */
function linesIn(file: string, from: number, to: number): [number, string][] {
  const lines: [number, string][] = [];
  for (const { bytes, offset } of linesOf(file, from, to)) {
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

describe('the lines of parts of a file', () => {
  it('are all its lines, each in one part, however it is cut', async () => {
    const file = join(folder, 'cut.json');
    await fc.assert(
      fc.asyncProperty(content, fc.array(fc.nat(200)), fc.boolean(), async (text, cuts, ended) => {
        const whole = ended && text !== '' ? `${text}\n` : text;
        await writeFile(file, whole, 'latin1');
        const edges = [0, ...cuts.filter((cut) => cut > 0).sort((a, b) => a - b), Number.POSITIVE_INFINITY];
        const parts = edges.slice(1).flatMap((to, i) => linesIn(file, edges[i] ?? 0, to));
        const lines = whole === '' ? [] : (whole.endsWith('\n') ? whole.slice(0, -1) : whole).split('\n');
        expect(parts.map(([, line]) => line)).toEqual(lines);
        const reader = new LineReader(file);
        for (const [start, line] of parts) {
          expect(Buffer.from(reader.lineAt(start)).toString('latin1')).toBe(line);
        }
        reader.close();
      }),
      { numRuns: 300 },
    );
  });

  it('may be longer than what is read at once', async () => {
    const file = join(folder, 'long.json');
    const long = 'x'.repeat(9_000_000);
    await writeFile(file, `a\n${long}\nb\n`);
    expect(linesIn(file, 0, 1).map(([, line]) => line)).toEqual(['a']);
    expect(linesIn(file, 1, 3).map(([, line]) => line.length)).toEqual([9_000_000]);
    expect(linesIn(file, 3, Number.POSITIVE_INFINITY)).toEqual([[9_000_003, 'b']]);
    const reader = new LineReader(file);
    expect(reader.lineAt(2).length).toBe(9_000_000);
    expect(Buffer.from(reader.lineAt(9_000_003)).toString()).toBe('b');
    reader.close();
  });

  it('leave out a mark of the byte order at the beginning of the file, and nowhere else', async () => {
    const file = join(folder, 'mark.json');
    await writeFile(file, '\ufeffa\n\ufeffb\n');
    expect(linesIn(file, 0, Number.POSITIVE_INFINITY).map(([at, line]) => [at, line.length])).toEqual([
      [3, 1],
      [5, 4],
    ]);
  });
});
