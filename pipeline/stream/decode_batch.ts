/** The records of a micro-batch → cleaned rows, and those that are no events. */
import { isUtf8 } from 'node:buffer';
import type { CleanDecoder, QuarantineReason } from '../lake/decode.ts';
import type { LogRecord } from '../log/log.ts';
import { TextColumn } from '../table/column.ts';
import { type ColumnarTable, columnarTable } from '../table/columnar_table.ts';
import { quarantineSchema } from './quarantine.ts';

/** Records of one shard, in their order. */
export interface ShardRecords {
  readonly shard: string;
  readonly records: readonly LogRecord[];
}

export interface DecodedBatch {
  /** Cleaned, repeats and all. */
  readonly rows: ColumnarTable;
  readonly quarantined: ColumnarTable;
  readonly reasons: Readonly<Record<QuarantineReason, number>>;
}

const newline = 0x0a;
const blockBytes = 256 * 1024;

/** @param stream the source that quarantine names */
export function decodeBatch(
  decoder: CleanDecoder,
  stream: string,
  parts: readonly ShardRecords[],
): DecodedBatch {
  const columns = {
    source: new TextColumn(),
    shard: new TextColumn(),
    position: new TextColumn(),
    text: new TextColumn(),
    reason: new TextColumn(),
  };
  const reasons = { malformed_json: 0, missing_key: 0 };
  for (const { shard, records } of parts) {
    decodeRecords(decoder, records, ({ position }, line, reason) => {
      columns.source.add(stream);
      columns.shard.add(shard);
      columns.position.add(position);
      columns.text.addCode(columns.text.dictionary.codeOfBytes(line, 0, line.length));
      columns.reason.add(reason);
      reasons[reason] += 1;
    });
  }
  return { rows: decoder.take(), quarantined: columnarTable(quarantineSchema, columns), reasons };
}

type QuarantineRecord = (record: LogRecord, line: Uint8Array, reason: QuarantineReason) => void;

/**
 * Many small arrays cost more than one large one: records that are one line of valid UTF-8 each, which is usual, are decoded
 * as blocks of lines, the others one by one.
 */
function decodeRecords(
  decoder: CleanDecoder,
  records: readonly LogRecord[],
  quarantine: QuarantineRecord,
): void {
  const block = new Uint8Array(blockBytes);
  const inBlock: LogRecord[] = [];
  const starts: number[] = [];
  let length = 0;
  const decodeOne = (record: LogRecord): void =>
    decoder.decodeLine(record.value, (line, reason) => quarantine(record, line, reason));
  const decodeBlock = (): void => {
    const lines = block.subarray(0, length);
    if (isUtf8(lines)) {
      // Lines come in their order, so that one is found from where the last was.
      let at = 0;
      decoder.decodeLines(lines, (line, reason, start) => {
        while ((starts[at] ?? Number.POSITIVE_INFINITY) < start) at += 1;
        const record = inBlock[at];
        if (record === undefined) throw new RangeError(`No record begins at ${start} of its block.`);
        quarantine(record, line, reason);
      });
    } else {
      for (const record of inBlock) decodeOne(record);
    }
    inBlock.length = 0;
    starts.length = 0;
    length = 0;
  };
  for (const record of records) {
    const { value } = record;
    if (value.length === 0 || value.length >= blockBytes || value.includes(newline)) {
      decodeOne(record);
      continue;
    }
    if (length + value.length + 1 > blockBytes) decodeBlock();
    inBlock.push(record);
    starts.push(length);
    block.set(value, length);
    length += value.length + 1;
    block[length - 1] = newline;
  }
  decodeBlock();
}
