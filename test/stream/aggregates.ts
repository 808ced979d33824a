/** Records of Kinesis that hold several, as the Kinesis Producer Library packs them. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EventLog } from '../../pipeline/log/log.ts';
import { type Events, streamOfDataset } from './streams.ts';

/** Made by aws-kinesis-agg 4.2.8 of AWS: two pins, one with an explicit hash key, and the bytes `{` and 0xFF. */
export const aggregateByLibrary = Buffer.from(
  '84mawgoBYQoBYhIDMTIzGh0IABoZeyJpbmRleCI6MSwidGl0bGUiOiJvbmUifRofCAEQABoZeyJpbmRleCI6MiwidGl0bGUiOiJ0d28ifRoGCAAaAnv/' +
    'jJjopKn/Cg5zfF+4tlnw7g==',
  'base64',
);

/** Packs records into one. */
export function aggregateOf(records: readonly Uint8Array[]): Buffer {
  const fields = records.map((record) => {
    const content = Buffer.concat([Buffer.from([0x08, 0x00, 0x1a]), lengthOf(record), record]);
    return Buffer.concat([Buffer.from([0x1a]), lengthOf(content), content]);
  });
  return aggregateWithMessage(Buffer.concat([Buffer.from([0x0a, 0x01, 0x61]), ...fields]));
}

/** An aggregate of any message, with the digest that belongs to it. */
export function aggregateWithMessage(message: Uint8Array): Buffer {
  const digest = createHash('md5').update(message).digest();
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, digest]);
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  for (let rest = length; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
  }
  return Uint8Array.from(bytes);
}

/** Appends events to the streams of their datasets as producers pack them: seven in an aggregate, every third compressed. */
export async function sendPacked(log: EventLog, events: Events): Promise<void> {
  for (const [name, lines] of Object.entries(events)) {
    const records = lines.map((line, index) => (index % 3 === 0 ? gzipSync(line) : Buffer.from(line)));
    const packed = Array.from({ length: Math.ceil(records.length / 7) }, (_, index) =>
      aggregateOf(records.slice(index * 7, index * 7 + 7)),
    );
    await log.append(
      streamOfDataset(name),
      packed.map((value) => ({ value })),
    );
  }
}
