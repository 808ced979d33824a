import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { mistakesIn } from './builder.ts';

const path = fileURLToPath(new URL('types.test-d.ts', import.meta.url));
const source = readFileSync(path, 'utf8');
const refusals = source.split('\n').flatMap((text, at) => {
  const [, title, reason] = /^ *\/\/ @ts-expect-error (.+?): (.+)$/.exec(text) ?? [];
  return title === undefined || reason === undefined ? [] : [{ title, reason, line: at + 2 }];
});
// As TypeScript would see the file if it expected no error.
const mistakes = mistakesIn(path, source.replaceAll('@ts-expect-error', 'refused:'));

it.each(refusals)('TypeScript refuses $title', ({ line, reason }) => {
  const found = mistakes.filter((mistake) => mistake.line === line).map(({ message }) => message);
  expect(found).toEqual([expect.stringContaining(reason)]);
});

it('TypeScript refuses nothing else, and every refusal has a title and a reason', () => {
  const expected = refusals.map(({ line }) => line);
  expect(mistakes.filter(({ line }) => !expected.includes(line))).toEqual([]);
  expect(refusals.length).toBe(source.split('// @ts-expect-error').length - 1);
  expect(refusals.length).toBeGreaterThan(25);
});
