/** Chooses a record's partition: by its key as Kafka's own clients do, or each batch the next one. */

import { LogError, type NewRecord } from './log.ts';

/** The partition of a record: the one it names, its key's, or the one whose turn it is. @throws nothing: gives the error */
export function choosePartition(
  topic: string,
  { shard, key }: NewRecord,
  partitions: number,
  turn: number,
): number | LogError {
  if (shard !== undefined) {
    return partitionNumber(shard, partitions) ?? unknownPartition(topic, shard, partitions);
  }
  return key === undefined ? turn : partitionOfKey(Buffer.from(key), partitions);
}

/** Parses the number of a partition; null when the topic has no such partition. */
export function partitionNumber(shard: string, partitions: number): number | null {
  return /^(0|[1-9][0-9]{0,8})$/.test(shard) && Number(shard) < partitions ? Number(shard) : null;
}

/** The error for a partition that a topic does not have. */
export function unknownPartition(topic: string, shard: string, partitions: number): LogError {
  return new LogError('unknown_shard', `${topic} has no partition ${shard}: it has 0 to ${partitions - 1}.`);
}

/** Parses an offset. @throws LogError `refused` when it is not one */
export function offsetOf(topic: string, shard: string, position: string): bigint {
  if (/^[0-9]{1,18}$/.test(position)) {
    return BigInt(position);
  }
  throw new LogError(
    'refused',
    `"${position}" is not a position in ${topic}/${shard}: an offset is a whole number.`,
  );
}

/** Gives the partition of a key: the same as Kafka's Java client (murmur2, made positive, modulo). */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** MurmurHash2 of 32 bits with Kafka's seed, as a signed number. Source: Austin Appleby, public domain. */
export function murmur2(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length & ~3;
  let hash = seed ^ data.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(view.getInt32(at, true), multiplier);
    word ^= word >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier);
  }
  if (data.length > whole) {
    for (let at = data.length - 1; at >= whole; at--) {
      hash ^= view.getUint8(at) << ((at & 3) * 8);
    }
    hash = Math.imul(hash, multiplier);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}

/** Hands out partitions in turn, for each topic by itself. */
export class RoundRobin {
  private readonly turns = new Map<string, number>();

  next(topic: string, partitions: number): number {
    const partition = (this.turns.get(topic) ?? 0) % partitions;
    this.turns.set(topic, partition + 1);
    return partition;
  }
}
