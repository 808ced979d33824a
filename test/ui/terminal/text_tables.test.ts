import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, truncateToWidth } from '../../../pipeline/ui/terminal/display_width.ts';
import { textTable } from '../../../pipeline/ui/terminal/text_tables.ts';

describe('textTable', () => {
  it('aligns strings left and numbers right with separators, and writes years without', () => {
    const schema = { post_year: 'int', category: 'text', category_count: 'bigint' } as const;
    expect(
      textTable(schema, [
        { post_year: 2018, category: 'art', category_count: 1234567 },
        { post_year: 2019, category: 'mens-fashion', category_count: 5 },
        { post_year: 2020, category: null, category_count: null },
      ]),
    ).toBe(
      [
        'post_year  category      category_count',
        '─────────  ────────────  ──────────────',
        '2018       art                1,234,567',
        '2019       mens-fashion               5',
        '2020       –                          –',
      ].join('\n'),
    );
  });

  it('counts wide characters and emoji as two terminal columns', () => {
    expect(
      textTable({ name: 'text', n: 'bigint' }, [
        { name: '家族', n: 1 },
        { name: '👩‍👩‍👧!', n: 22 },
        { name: 'e\u0301', n: 3 },
      ]),
    ).toBe(['name   n', '────  ──', '家族   1', '👩‍👩‍👧!   22', 'e\u0301      3'].join('\n'));
  });

  it('replaces line ends and escape codes, so that a row stays on one line', () => {
    expect(textTable({ a: 'text' }, [{ a: 'x\ny\u001b[31m\u202ez' }])).toBe(
      `a\n${'─'.repeat(10)}\nx\ufffdy\ufffd[31m\ufffdz`,
    );
  });

  it('truncates strings longer than 40 columns', () => {
    expect(textTable({ a: 'text' }, [{ a: 'x'.repeat(99) }])).toBe(
      `a\n${'─'.repeat(40)}\n${'x'.repeat(39)}…`,
    );
  });

  it('says that there are no rows', () => {
    expect(textTable({ a: 'text' }, [])).toBe('a\n─\n(no rows)');
  });
});

describe('truncateToWidth', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['家族家', 4, '家…'],
    ['❤️❤️', 4, '❤️❤️'],
  ])('truncates %s to %i columns as %s', (value, width, truncated) => {
    expect(truncateToWidth(value, width)).toBe(truncated);
    expect(displayWidth(truncated)).toBeLessThanOrEqual(width);
  });
});

describe('the width of simple strings', () => {
  it("is computed without Unicode's tables as with them", () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const simple = fc.oneof(
      fc.integer({ min: 0x20, max: 0x2ff }).filter((code) => (code < 0x7f || code > 0x9f) && code !== 0xad),
      fc.integer({ min: 0x2010, max: 0x2027 }),
    );
    fc.assert(
      fc.property(fc.array(simple), fc.integer({ min: 1, max: 12 }), (codes, width) => {
        const text = String.fromCodePoint(...codes);
        expect(displayWidth(text)).toBe([...segmenter.segment(text)].length);
        // An ideograph in front forces the slow path.
        const long = truncateToWidth(`家${text}`, width + 2);
        expect(`家${truncateToWidth(text, width)}`).toBe(long);
      }),
    );
  });
});
