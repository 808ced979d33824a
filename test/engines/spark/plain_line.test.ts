/** The regular expression of plain lines; `test/real/spark/decode.test.ts` holds it against lines on Spark. */
import { expect, it } from 'vitest';
import { plainLine } from '../../../pipeline/engines/spark/plain_line.ts';

it('quotes names, and numbers the fields by type behind the key, which must be there', () => {
  const shape = plainLine({ raw: { 'a.b': 'text', 'c"d': 'bigint', e: 'text' }, key: 'c"d' });
  expect(shape).toContain(String.raw`(?:c\\"d((?!\1)))": ?+(?:0|-?[1-9]`);
  expect(shape).toContain(String.raw`(?:a\.b((?!\2))|e((?!\3)))": ?+(?:"`);
  expect(shape).toMatch(/\)\+\+\\1\\\}\\z$/);
});
