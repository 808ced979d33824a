/** The records of a micro-batch → cleaned rows, and those that are no events. */
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
    for (const { position, value } of records) {
      decoder.decodeLine(value, (line, reason) => {
        columns.source.add(stream);
        columns.shard.add(shard);
        columns.position.add(position);
        columns.text.addCode(columns.text.dictionary.codeOfBytes(line, 0, line.length));
        columns.reason.add(reason);
        reasons[reason] += 1;
      });
    }
  }
  return {
    rows: decoder.take(),
    quarantined: columnarTable(quarantineSchema, columns),
    reasons,
  };
}
