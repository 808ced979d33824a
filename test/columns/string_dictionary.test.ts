import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areEqual } from '../../pipeline/columns/hash.ts';
import { StringDictionary } from '../../pipeline/columns/string_dictionary.ts';

// Two strings are compared only when their hashes are equal, which no test brings about by chance.
it('two ranges of bytes are equal when every byte is', () => {
  for (let length = 0; length <= 40; length += 1) {
    const [a, b] = [new Uint8Array(length + 5).fill(7), new Uint8Array(length + 9).fill(7)];
    const same = () => areEqual(new DataView(a.buffer), 3, new DataView(b.buffer), 6, length);
    a[2] = 1;
    a[length + 3] = 1;
    expect(same()).toBe(true);
    for (let at = 0; at < length; at += 1) {
      b[6 + at] = 8;
      expect(same(), `byte ${at} of ${length}`).toBe(false);
      b[6 + at] = 7;
    }
  }
});

describe('a string dictionary', () => {
  it('gives strings codes in the order of first use, and the same string the same code', () => {
    const string = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      // Strings of all lengths that differ in one byte, which a comparison of words may leave out.
      fc
        .tuple(fc.nat(40), fc.nat(40))
        .map(([length, at]) => `${'a'.repeat(length)}`.replace(/./g, (a, i) => (i === at ? 'b' : a))),
    );
    fc.assert(
      fc.property(fc.array(string, { maxLength: 600, size: 'max' }), (strings) => {
        const dictionary = new StringDictionary();
        const codes = new Map<string, number>();
        for (const one of strings) {
          if (!codes.has(one)) {
            codes.set(one, codes.size);
          }
          expect(dictionary.intern(one)).toBe(codes.get(one));
        }
        expect(dictionary.size).toBe(codes.size);
        for (const [one, code] of codes) {
          expect(dictionary.stringAt(code)).toBe(one);
          expect(Buffer.from(dictionary.bytesOf(code)).toString()).toBe(one);
        }
      }),
    );
  });

  it('finds strings that were added together as it finds the others', () => {
    const runs = fc.array(fc.tuple(fc.boolean(), fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }))));
    fc.assert(
      fc.property(runs, (additions) => {
        const dictionary = new StringDictionary();
        const all = new Set<string>();
        for (const [isTogether, strings] of additions) {
          const fresh = [...new Set(strings)].filter((string) => !all.has(string));
          if (isTogether) {
            const bytes = Buffer.from(fresh.join(''));
            const ends = fresh.map((_, i) => Buffer.byteLength(fresh.slice(0, i + 1).join('')));
            dictionary.addDifferent(bytes, Uint32Array.from(ends));
          } else {
            for (const string of fresh) {
              dictionary.intern(string);
            }
          }
          for (const string of fresh) {
            all.add(string);
          }
        }
        expect([...all].map((_, code) => dictionary.stringAt(code))).toEqual([...all]);
        expect([...all].map((string) => dictionary.intern(string))).toEqual([...all].map((_, code) => code));
        expect(dictionary.size).toBe(all.size);
      }),
    );
  });

  it('tells any two strings of up to 40 bytes apart that differ in one byte', () => {
    const dictionary = new StringDictionary();
    const strings = Array.from({ length: 41 }, (_, length) => 'a'.repeat(length)).flatMap((string) => [
      string,
      ...Array.from(string, (_, at) => `${string.slice(0, at)}b${string.slice(at + 1)}`),
    ]);
    expect(strings.map((string) => dictionary.intern(string))).toEqual(strings.map((_, code) => code));
    expect(strings.map((string) => dictionary.intern(string))).toEqual(strings.map((_, code) => code));
  });

  it('finds strings at any offset of an array', () => {
    const dictionary = new StringDictionary();
    const codes = [0, 1, 2, 3].map((before) => {
      const bytes = Buffer.from(`${'x'.repeat(before)}Grüße 🂡${'y'.repeat(before)}`);
      return dictionary.internBytes(bytes, before, bytes.length - before);
    });
    expect(codes).toEqual([0, 0, 0, 0]);
    const other = new StringDictionary();
    other.intern('a');
    expect(other.internFrom(dictionary, 0)).toBe(1);
    expect(other.stringAt(1)).toBe('Grüße 🂡');
  });

  it('holds 200,000 strings', () => {
    const dictionary = new StringDictionary();
    for (let round = 0; round < 2; round += 1) {
      for (let number = 0; number < 200_000; number += 1) {
        if (dictionary.intern(`text ${number}`) !== number) {
          expect.fail(`text ${number}`);
        }
      }
    }
    expect(dictionary.stringAt(199_999)).toBe('text 199999');
    expect(() => dictionary.stringAt(200_000)).toThrow(/no string 200000 in a dictionary of 200000/);
  });
});
