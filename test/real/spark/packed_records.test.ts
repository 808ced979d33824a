/** The notebook's Python unpacks each record as the stream does on one machine. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PythonWorker, startPython } from '../../../pipeline/engines/spark/local/python.ts';
import { eventsIn } from '../../../pipeline/stream/unpack.ts';
import { aggregateByLibrary, aggregateOf, aggregateWithMessage } from '../../stream/aggregates.ts';
import { describeReal, spark } from '../systems.ts';

const template = new URL(
  '../../../pipeline/engines/spark/notebooks/templates/packed_records.py',
  import.meta.url,
);

const event = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.json({ maxDepth: 1 }).map((text) => Buffer.from(text)),
);
const zipped = fc
  .array(event, { minLength: 1, maxLength: 3 })
  .map((members) => Buffer.concat(members.map((member) => gzipSync(member))));
const aggregate = fc.array(fc.oneof(event, zipped), { maxLength: 4 }).map(aggregateOf);
const whole = fc.oneof(event, zipped, aggregate, fc.constant(aggregateByLibrary));
const tail = fc.constantFrom([], [0], [0, 0, 1], [1], [0x1f], [0x1f, 0x8b], [0x1f, 0x8b, 8, 0]);
const damaged = fc.oneof(
  fc.tuple(whole, tail).map(([value, end]) => Buffer.concat([value, Buffer.from(end)])),
  fc.tuple(whole, fc.nat()).map(([value, cut]) => value.subarray(0, cut % (value.length + 1))),
  fc.tuple(whole, fc.nat()).map(([value, at]) => flipped(value, at)),
  // Damage inside, under a digest that is right.
  fc
    .tuple(aggregate, fc.nat())
    .map(([value, at]) => aggregateWithMessage(flipped(value.subarray(4, -16), at))),
  fc.uint8Array({ maxLength: 30 }).map(aggregateWithMessage),
);

describeReal('packed records in Python', [spark], () => {
  let python: PythonWorker;

  beforeAll(async () => {
    python = startPython({ environment: 'spark' });
    await python.run(`${readFileSync(template, 'utf8')}\nimport base64\noutput = None`);
  });
  afterAll(() => python?.stop());

  async function unpackedByPython(values: readonly Uint8Array[]): Promise<unknown> {
    const input = values.map((value) => Buffer.from(value).toString('base64'));
    return python.run(
      'output = [[base64.b64encode(event).decode() for event in unpacked(base64.b64decode(value))] for value in input]',
      input,
    );
  }
  const unpackedHere = (values: readonly Uint8Array[]) =>
    values.map((value) => [...eventsIn(value)].map((each) => Buffer.from(each).toString('base64')));

  it('are the events that the stream finds in them, whole or damaged', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(whole, damaged), { minLength: 50, maxLength: 50 }),
        async (values) => {
          expect(await unpackedByPython(values)).toEqual(unpackedHere(values));
        },
      ),
      { numRuns: 40 },
    ));

  it('stay as they are when they would be longer than an event', async () => {
    const values = [16 * 2 ** 20, 16 * 2 ** 20 + 1].map((length) => gzipSync(Buffer.alloc(length, 'a')));
    const lengths = await python.run(
      'output = [len(unpacked(base64.b64decode(value))[0]) for value in input]',
      values.map((value) => value.toString('base64')),
    );
    expect(lengths).toEqual([16 * 2 ** 20, values[1]?.length]);
    expect([...eventsIn(values[1] ?? expect.fail())][0]?.length).toBe(values[1]?.length);
  });
});

function flipped(value: Uint8Array, at: number): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length > 0) {
    bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << (at % 8));
  }
  return bytes;
}
