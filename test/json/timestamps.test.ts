/** The loop over a field of timestamps in WebAssembly: the same as the plan's meaning, whichever strings must leave the loop. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { columnAt } from '../../pipeline/columns/table.ts';
import { Decoder } from '../../pipeline/json/decoder.ts';
import { dataset } from '../../pipeline/plan/dataset.ts';
import { parseTimestamp } from '../../pipeline/plan/expression.ts';
import { parseUtcTimestamp } from '../../pipeline/plan/timestamp.ts';
import { oddTimestamps } from '../support/odd_timestamps.ts';

const events = dataset({
  name: 'events',
  description: 'Times.',
  sourceTable: 'events',
  key: 'key',
  raw: { key: 'bigint', at: 'text' },
  clean: (raw) => ({ key: raw.key, at: parseTimestamp(raw.at) }),
});

const values = fc.option(
  fc.oneof(oddTimestamps, fc.constantFrom('', '2024-02-29 00:00:00', '1900-02-29 00:00:00')),
);

it('parses each row of a field as the plan does', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 300, size: 'max' }), (times) => {
      // Every other line has an escape where it has a hyphen.
      const lines = times.map((at, key) => {
        const line = JSON.stringify({ key, at });
        return key % 2 === 0 ? line : line.replace(/(\d)-/, '$1\\u002d');
      });
      const decoder = new Decoder(events);
      decoder.decodeLines(Buffer.from(lines.join('\n')), (line) => expect.fail(line.toString()));
      expect([...columnAt(decoder.take(), 'at')]).toEqual(
        times.map((at) => (at === null ? null : parseUtcTimestamp(at))),
      );
    }),
    { numRuns: 200 },
  );
});
