/** Lines decoded by real Spark and by Node: the same rows, and the same lines in quarantine. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { columnAt } from '../../../pipeline/columns/table.ts';
import { datasets, geo, pin } from '../../../pipeline/datasets/index.ts';
import { decodeSql } from '../../../pipeline/engines/spark/decode_sql.ts';
import { plainLine } from '../../../pipeline/engines/spark/plain_line.ts';
import { stringLiteral } from '../../../pipeline/engines/spark/quoting.ts';
import { Decoder } from '../../../pipeline/json/decoder.ts';
import { sourcesOf } from '../../../pipeline/landing/byte_source.ts';
import { linesOf } from '../../../pipeline/landing/line_ranges.ts';
import { type Dataset, dataset as defined } from '../../../pipeline/plan/dataset.ts';
import type { Value } from '../../../pipeline/plan/types.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';
import { land, landingFile } from './cases.ts';
import {
  linesWithoutKey,
  linesWithRepeatedNames,
  nearlyPlainLines,
  plainLines,
} from './nearly_plain_lines.ts';
import { hugeLines, type OddFields, oddLines } from './odd_lines.ts';

const pinFields: OddFields = { key: 'index', text: 'title', number: 'downloaded' };
const geoFields: OddFields = { key: 'ind', text: 'country', number: 'latitude' };

describeReal('real Spark and Node decode alike', [spark], () => {
  let session: SparkSession;
  beforeAll(async () => {
    session = await spark.share({ 'spark.sql.variant.allowDuplicateKeys': 'true' });
  });
  afterAll(() => session?.stop());

  it.each([
    ['pin', pin, pinFields],
    ['geo', geo, geoFields],
  ] as const)('odd lines of %s', async (_, dataset, fields) => {
    const lines = oddLines(fields);
    const bom = Buffer.from([0xef, 0xbb, 0xbf]);
    const file = Buffer.concat([bom, landingFile(lines)]);
    const outcomes = await both(session, dataset, file);
    expect(outcomes.spark).toEqual(outcomes.node);
    expect(outcomes.node.length).toBe(lines.length);
  });

  it.each(datasets)('lines of $name as programs write them, and nearly so', async (dataset) => {
    const outcomes = await both(session, dataset, landingFile(nearlyPlainLines(dataset)));
    expect(outcomes.spark).toEqual(outcomes.node);
    const decoded = decodeSql(dataset, { lines: 'lines_read', origin: [] });
    const shape = plainLine(dataset);
    for (const [part, other] of faults) {
      const faulty = shape.replaceAll(part, other);
      const given = await outcomesOf(
        session,
        decoded.replace(stringLiteral(shape), () => stringLiteral(faulty)),
      );
      expect(JSON.stringify(given) === JSON.stringify(outcomes.node), `${part} → ${other}`).toBe(
        faulty === shape,
      );
    }
  });

  it.each(datasets)(
    'lines of $name as programs write them by types, unless a name comes again or the key is missing',
    async (dataset) => {
      const [plain, others] = [plainLines(dataset), linesWithRepeatedNames(dataset)];
      const lines = [...plain, ...others, ...linesWithoutKey(dataset)];
      const outcomes = await both(session, dataset, landingFile(lines));
      expect(outcomes.spark).toEqual(outcomes.node);
      const [answer] = await session.answers(
        `SELECT text FROM lines_read WHERE text RLIKE ${stringLiteral(plainLine(dataset))}`,
      );
      expect(answer?.rows.flat().sort()).toEqual(plain.map(String).sort());
    },
  );

  it('lines of 16 MiB, and longer ones', async () => {
    const outcomes = await both(session, pin, landingFile(hugeLines(pinFields), true));
    expect(outcomes.spark.map((row) => row.length)).toEqual(outcomes.node.map((row) => row.length));
    const same = outcomes.spark.every((row, at) => row === outcomes.node[at]);
    expect(same).toBe(true);
    expect(outcomes.node.filter((row) => row.startsWith('malformed_json'))).toHaveLength(1);
  });

  it('empty lines', async () => {
    const outcomes = await both(session, pin, Buffer.from('\n\n{"index":1}\n'));
    expect(outcomes.spark).toEqual(outcomes.node);
    expect(outcomes.node).toHaveLength(3);
  });
});

/** Faults of the expression of plain lines: a part of it, and one in its place that would let other lines through. */
const faults = [
  ['{0,14}+', '{0,16}+'],
  [String.raw`\x00-\x1f`, ''],
  ['[1-9][0-9]', '[0-9][0-9]'],
  ['{4})', '{2,4})'],
  ['|null', '|[a-z]+'],
  [String.raw`\}\z`, String.raw`\}`],
  [String.raw`|(?=\}\z)`, String.raw`|(?=\}\z)|x?`],
] as const;

/** Each engine's outcomes for the lines of a file, sorted. */
async function both(session: SparkSession, dataset: Dataset, content: Buffer) {
  await land(session.folder, { 'lines.json': content });
  const path = join(session.folder, 'lines.json');
  return { spark: await bySpark(session, dataset, path), node: await byNode(dataset, path) };
}

async function bySpark(session: SparkSession, dataset: Dataset, path: string): Promise<string[]> {
  await session.run(
    'spark.read.option("lineSep", "\\n").text(input).withColumnRenamed("value", "text").createOrReplaceTempView("lines_read")',
    path,
  );
  return outcomesOf(session, decodeSql(dataset, { lines: 'lines_read', origin: [] }));
}

async function outcomesOf(session: SparkSession, decoded: string): Promise<string[]> {
  const [answer] = await session.answers(
    `SELECT reason, CASE WHEN reason IS NOT NULL THEN text END AS text, raw.* FROM (${decoded})`,
  );
  return (answer?.rows ?? [])
    .map(([reason = null, text = null, ...fields]) =>
      reason === null ? described(fields) : `${String(reason)} ${String(text)}`,
    )
    .sort();
}

async function byNode(dataset: Dataset, path: string): Promise<string[]> {
  // The raw fields as they are, as decodeSql gives them.
  const decoder = new Decoder(defined({ ...dataset, clean: (raw) => raw }));
  const lines: string[] = [];
  const openSource = await sourcesOf('', [{ path, ranges: [] }]);
  const source = openSource(0);
  for (const { bytes } of linesOf(source, 0, Number.POSITIVE_INFINITY)) {
    decoder.decodeLines(bytes, (line, reason) => lines.push(`${reason} ${Buffer.from(line).toString()}`));
  }
  source.close();
  const raw = decoder.take();
  for (let row = 0; row < raw.length; row += 1) {
    lines.push(described(Object.keys(dataset.raw).map((name) => columnAt(raw, name).at(row))));
  }
  return lines.sort();
}

function described(fields: readonly Value[]): string {
  return JSON.stringify(fields.map((field) => (Object.is(field, -0) ? '-0' : field)));
}
