/** Decodes the records of a micro-batch into cleaned rows, and sets aside those that are not events. */

import { at } from '../columns/at.ts';
import { StringColumn } from '../columns/column.ts';
import { withoutRows } from '../columns/gathered.ts';
import { type ColumnarTable, columnAt, columnarTable } from '../columns/table.ts';
import { namesKey } from '../erasures/keys_of_line.ts';
import type { Erasures } from '../erasures.ts';
import type { Decoder, Quarantine, QuarantineReason } from '../json/decoder.ts';
import type { Nulled } from '../json/nulled.ts';
import { quarantineText } from '../json/quarantine_text.ts';
import type { Dataset } from '../plan/dataset.ts';
import { quarantineSchema } from './quarantine.ts';
import type { RecordBlock } from './record_block.ts';
import { eventsIn } from './unpack.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Records of one shard, in their order. */
export interface ShardRecords {
  readonly shard: string;
  readonly blocks: readonly RecordBlock[];
}

export interface DecodedBatch {
  /** Cleaned rows that count, duplicates included. */
  readonly rows: ColumnarTable;
  readonly quarantined: ColumnarTable;
  readonly reasons: Readonly<Record<QuarantineReason, number>>;
  readonly nulled: Nulled;
  /** Events and other records of posts that were erased, which are left out. */
  readonly erased: number;
}

/** @param stream the source in quarantine's rows */
export function decodeBatch(
  decoder: Decoder,
  { key, keyColumn }: Pick<Dataset, 'key' | 'keyColumn'>,
  stream: string,
  parts: readonly ShardRecords[],
  erasures: Erasures,
): DecodedBatch {
  const columns = {
    source: new StringColumn(),
    shard: new StringColumn(),
    position: new StringColumn(),
    text: new StringColumn(),
    reason: new StringColumn(),
  };
  const reasons = { malformed_json: 0, missing_key: 0 };
  const times: number[] = [];
  let erased = 0;
  for (const { shard, blocks } of parts) {
    for (const block of blocks) {
      const quarantine = (number: number, event: Uint8Array, reason: QuarantineReason) => {
        const text = quarantineText(event);
        const isErased = (named: number) => !erasures.counts(named, block.timeAt(number));
        if (erasures.size > 0 && namesKey(Buffer.from(text).toString(), key, isErased)) {
          erased += 1;
          return;
        }
        columns.source.add(stream);
        columns.shard.add(shard);
        columns.position.add(block.positionAt(number));
        columns.text.addCode(columns.text.dictionary.internBytes(text, 0, text.length));
        columns.reason.add(reason);
        reasons[reason] += 1;
      };
      decodeBlock(decoder, block, quarantine, erasures.size > 0 ? times : undefined);
    }
  }
  const { rows: all, nulled } = decoder.takeStored();
  const keys = columnAt(all, keyColumn);
  const rows =
    erasures.size === 0
      ? all
      : withoutRows(all, (row) => !erasures.counts(Number(keys.at(row)), at(times, row)));
  return {
    rows,
    quarantined: columnarTable(quarantineSchema, columns),
    reasons,
    nulled,
    erased: erased + all.length - rows.length,
  };
}

/**
 * Decodes records that are one line each, which is usual, as lines, and the others one by one.
 * @param quarantine receives a record's number, and its bytes or those of the event in it
 * @param times receives the time of each row's record
 */
function decodeBlock(
  decoder: Decoder,
  block: RecordBlock,
  quarantine: (number: number, event: Uint8Array, reason: QuarantineReason) => void,
  times: number[] | undefined,
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
    const before = decoder.length;
    decoder.decodeLines(block.lines.subarray(from, to), quarantineLine, from);
    for (let row = before, record = next; times !== undefined && row < decoder.length; row += 1) {
      while (block.startOf(record) < (decoder.lineStarts[row] ?? 0)) {
        record += 1;
      }
      times.push(block.timeAt(record));
    }
    next = end + 1;
  };
  for (const odd of block.notOneEvent) {
    decodeLines(odd);
    for (const event of block.isTombstone(odd) ? [] : eventsIn(block.valueAt(odd))) {
      const before = decoder.length;
      decoder.decodeLine(event, (_, reason) => quarantine(odd, event, reason));
      times?.push(...Array.from({ length: decoder.length - before }, () => block.timeAt(odd)));
    }
  }
  decodeLines(block.length);
}
