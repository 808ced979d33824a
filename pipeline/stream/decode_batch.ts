/** Decodes the records of a micro-batch into cleaned rows, and sets aside those that are not events. */

import { StringColumn } from '../columns/column.ts';
import { type ColumnarTable, columnarTable } from '../columns/table.ts';
import type { Decoder, Quarantine, QuarantineReason } from '../json/decoder.ts';
import type { Nulled } from '../json/nulled.ts';
import { quarantineSchema, quarantineText } from './quarantine.ts';
import type { RecordBlock } from './record_block.ts';
import { eventsIn } from './unpack.ts';

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
      decodeBlock(decoder, block, (number, event, reason) => {
        columns.source.add(stream);
        columns.shard.add(shard);
        columns.position.add(block.positionAt(number));
        const text = quarantineText(event);
        columns.text.addCode(columns.text.dictionary.internBytes(text, 0, text.length));
        columns.reason.add(reason);
        reasons[reason] += 1;
      });
    }
  }
  const { rows, nulled } = decoder.takeStored();
  return { rows, quarantined: columnarTable(quarantineSchema, columns), reasons, nulled };
}

/**
 * Decodes records that are one line each, which is usual, as lines, and the others one by one.
 * @param quarantine receives a record's number, and its bytes or those of the event in it
 */
function decodeBlock(
  decoder: Decoder,
  block: RecordBlock,
  quarantine: (number: number, event: Uint8Array, reason: QuarantineReason) => void,
): void {
  let number = 0;
  // Lines come in their order, so that a record is found from where the last was.
  const quarantineLine: Quarantine = (_, reason, start) => {
    while (block.startOf(number) < start) {
      number += 1;
    }
    quarantine(number, block.valueAt(number), reason);
  };
  let next = 0;
  const decodeLines = (end: number) => {
    const [from, to] = [block.startOf(next), block.startOf(end)];
    decoder.decodeLines(block.lines.subarray(from, to), quarantineLine, from);
    next = end + 1;
  };
  for (const odd of block.notOneEvent) {
    decodeLines(odd);
    for (const event of block.isTombstone(odd) ? [] : eventsIn(block.valueAt(odd))) {
      decoder.decodeLine(event, (_, reason) => quarantine(odd, event, reason));
    }
  }
  decodeLines(block.length);
}
