/** Decodes the records of a micro-batch into cleaned rows, and sets aside those that are not events. */

import { StringColumn } from '../columns/column.ts';
import { type ColumnarTable, columnarTable } from '../columns/table.ts';
import type { Decoder, Quarantine, QuarantineReason } from '../json/decoder.ts';
import type { Nulled } from '../json/nulled.ts';
import { quarantineSchema } from './quarantine.ts';
import type { RecordBlock } from './record_block.ts';

/** Records of one shard, in their order. */
export interface ShardRecords {
  readonly shard: string;
  readonly blocks: readonly RecordBlock[];
}

export interface DecodedBatch {
  /** Cleaned rows, duplicates included. */
  readonly rows: ColumnarTable;
  readonly quarantined: ColumnarTable;
  readonly reasons: Readonly<Record<QuarantineReason, number>>;
  readonly nulled: Nulled;
}

/** @param stream the source in quarantine's rows */
export function decodeBatch(decoder: Decoder, stream: string, parts: readonly ShardRecords[]): DecodedBatch {
  const columns = {
    source: new StringColumn(),
    shard: new StringColumn(),
    position: new StringColumn(),
    text: new StringColumn(),
    reason: new StringColumn(),
  };
  const reasons = { malformed_json: 0, missing_key: 0 };
  for (const { shard, blocks } of parts) {
    for (const block of blocks) {
      decodeBlock(decoder, block, (number, line, reason) => {
        columns.source.add(stream);
        columns.shard.add(shard);
        columns.position.add(block.positionAt(number));
        columns.text.addCode(columns.text.dictionary.internBytes(line, 0, line.length));
        columns.reason.add(reason);
        reasons[reason] += 1;
      });
    }
  }
  const { rows, nulled } = decoder.takeStored();
  return { rows, quarantined: columnarTable(quarantineSchema, columns), reasons, nulled };
}

/** Decodes records that are one line each, which is usual, as lines, and the others one by one. */
function decodeBlock(
  decoder: Decoder,
  block: RecordBlock,
  quarantine: (number: number, line: Uint8Array, reason: QuarantineReason) => void,
): void {
  let number = 0;
  // Lines come in their order, so that a record is found from where the last was.
  const quarantineLine: Quarantine = (line, reason, start) => {
    while (block.startOf(number) < start) {
      number += 1;
    }
    quarantine(number, line, reason);
  };
  let next = 0;
  const decodeLines = (end: number) => {
    const [from, to] = [block.startOf(next), block.startOf(end)];
    decoder.decodeLines(block.lines.subarray(from, to), quarantineLine, from);
    next = end + 1;
  };
  for (const odd of block.notOneLine) {
    decodeLines(odd);
    decoder.decodeLine(block.valueAt(odd), (line, reason) => quarantine(odd, line, reason));
  }
  decodeLines(block.length);
}
