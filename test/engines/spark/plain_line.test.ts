/** The regular expression of plain lines; `test/real/spark/decode.test.ts` holds it against lines on Spark. */
import { expect, it } from 'vitest';
import { plainLine } from '../../../pipeline/engines/spark/plain_line.ts';

it('quotes names, and numbers the fields by type', () => {
  const shape = plainLine({ raw: { 'a.b': 'text', 'c"d': 'bigint', e: 'text' } });
  expect(shape).toContain(String.raw`(?:a\.b()|e())": ?+(?:"`);
  expect(shape).toContain(String.raw`(?:c\\"d())": ?+(?:(?:0|-?[1-9]`);
  expect(shape).toContain(String.raw`(?!(?:a\.b\1|e\2|c\\"d\3)")`);
});
