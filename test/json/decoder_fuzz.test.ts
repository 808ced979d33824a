import { expect, it } from 'vitest';
import { fuzzDecoder } from './decoder_fuzz.ts';

const values = 20_000;

it('reads any bytes as the oracle does', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const compared = fuzzDecoder(values, seed);
  console.log(
    `seed ${seed}: ${compared.values} values in ${compared.lines} lines, ${compared.rows} of them rows`,
  );
  expect(compared.values).toBeGreaterThanOrEqual(values);
  // Most lines must be rows, or little is compared.
  expect(compared.rows).toBeGreaterThan(compared.lines / 2);
});
