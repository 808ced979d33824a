/**
 * Records as producers pack them: many in one by the Kinesis Producer Library, and compressed with gzip. Neither can be taken
 * for JSON, so the first bytes tell. A record of the log stays the unit of positions and micro-batches
 * (docs/decisions/packed-records.md).
 */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

const aggregateMagic = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);
const digestBytes = 16;
const gzipMagic = Buffer.from([0x1f, 0x8b]);
/** The longest line that is well formed; more is not unpacked. */
const longestEventBytes = 16 * 1024 * 1024;

/** Tells whether a record's value may be packed. */
export function isPacked(value: Uint8Array): boolean {
  return startsWith(value, aggregateMagic) || startsWith(value, gzipMagic);
}

/**
 * The events of a record, in their order. What cannot be unpacked comes as it is. The records of an aggregate that belong to
 * another shard after a split are not left out, as the Kinesis Client Library does: not every producer sends them again.
 */
export function* eventsIn(value: Uint8Array): Generator<Uint8Array> {
  for (const record of recordsIn(value) ?? [value]) {
    yield startsWith(record, gzipMagic) ? unzipped(record) : record;
  }
}

function unzipped(value: Uint8Array): Uint8Array {
  try {
    return gunzipSync(value, { maxOutputLength: longestEventBytes });
  } catch {
    // Damaged or too long: whoever asked quarantines the bytes.
    return value;
  }
}

/**
 * Parses an aggregate: magic number, protocol buffer, MD5 of it; null when it is none, or damaged.
 * https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 */
function recordsIn(value: Uint8Array): readonly Uint8Array[] | null {
  if (!startsWith(value, aggregateMagic) || value.length < aggregateMagic.length + digestBytes) {
    return null;
  }
  const message = value.subarray(aggregateMagic.length, -digestBytes);
  const digest = createHash('md5').update(message).digest();
  if (!digest.equals(value.subarray(-digestBytes))) {
    return null;
  }
  const records = fieldsOf(message)?.filter(({ number }) => number === aggregateRecords);
  const data = records?.map(({ bytes }) => bytes && fieldsOf(bytes)?.findLast(isData)?.bytes);
  const whole = data?.flatMap((bytes) => bytes ?? []);
  return whole === undefined || whole.length < (data?.length ?? 0) ? null : whole;
}

/** The field `records` of `AggregatedRecord`, and `data` of a record in it. */
const aggregateRecords = 3;
const isData = ({ number }: Field) => number === 3;

interface Field {
  readonly number: number;
  /** Undefined for a number. */
  readonly bytes: Uint8Array | undefined;
}

/** Parses a message of protocol buffers; null when it is damaged. https://protobuf.dev/programming-guides/encoding/ */
function fieldsOf(message: Uint8Array): readonly Field[] | null {
  const fields: Field[] = [];
  for (let at = 0; at < message.length; ) {
    const tag = variableInteger(message, at);
    if (tag === null) {
      return null;
    }
    const number = Math.floor(tag.value / 8);
    const content = contentAt(message, tag.end, tag.value % 8);
    if (content === null || content.end > message.length) {
      return null;
    }
    fields.push({ number, bytes: content.bytes });
    at = content.end;
  }
  return fields;
}

function contentAt(
  message: Uint8Array,
  at: number,
  wireType: number,
): { readonly end: number; readonly bytes: Uint8Array | undefined } | null {
  switch (wireType) {
    case 0: {
      const integer = variableInteger(message, at);
      return integer && { end: integer.end, bytes: undefined };
    }
    case 1:
      return { end: at + 8, bytes: undefined };
    case 2: {
      const length = variableInteger(message, at);
      return (
        length && {
          end: length.end + length.value,
          bytes: message.subarray(length.end, length.end + length.value),
        }
      );
    }
    case 5:
      return { end: at + 4, bytes: undefined };
    default:
      return null;
  }
}

/** Seven bits a byte, the lowest first; the last byte is below 128. */
function variableInteger(
  message: Uint8Array,
  start: number,
): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = start; at < Math.min(message.length, start + 10); at += 1) {
    const byte = message[at] ?? 0;
    value += (byte % 128) * 128 ** (at - start);
    if (byte < 128) {
      return { value, end: at + 1 };
    }
  }
  return null;
}

function startsWith(value: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => value[index] === byte);
}
