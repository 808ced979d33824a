/** Streams of Kinesis as files, which the source in `kinesis_source.py` reads, and what the notebook must have made of them. */
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cleanLanding } from '../../../pipeline/batch/run.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { Decoder } from '../../../pipeline/json/decoder.ts';
import { quarantineText } from '../../../pipeline/json/quarantine_text.ts';
import { namesOf } from '../../../pipeline/naming.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import { eventsIn } from '../../../pipeline/stream/unpack.ts';
import { land, landingFile } from './cases.ts';
import { type Lake, type PlainTable, plain, plainRows } from './lake.ts';
import { landingsOf, linesOf, startsWithMark } from './landings.ts';

interface StreamRecord {
  readonly shard: string;
  readonly sequence: string;
  readonly data: Buffer;
  /** Seconds since 1970. */
  readonly arrived?: number;
  /** An erasure has taken it. */
  erased?: boolean;
}

const quarantineSchema = {
  source: 'text',
  shard: 'text',
  position: 'text',
  text: 'text',
  reason: 'text',
} as const;

/** A stream of two shards for each dataset, in a folder. A stream exists before its first record, which not every landing has. */
export class KinesisStreams {
  readonly folder: string;
  readonly sent = new Map<Dataset, StreamRecord[]>(datasets.map((dataset) => [dataset, []]));

  constructor(
    private readonly parent: string,
    private readonly seed = 0,
    private readonly userPrefix?: string,
  ) {
    this.folder = join(parent, 'streams');
    mkdirSync(this.folder, { recursive: true });
    for (const dataset of datasets) {
      this.send(dataset, []);
    }
  }

  /** Python that gives a session the source. */
  source(): string {
    const source = readFileSync(new URL('./kinesis_source.py', import.meta.url), 'utf8');
    return source.replace('STREAMS_FOLDER', JSON.stringify(this.folder));
  }

  /** Puts lines on a stream, dealt over its shards. */
  send(dataset: Dataset, lines: readonly Buffer[], arrived?: number): void {
    const all = this.sent.get(dataset) ?? [];
    const written = lines.map((data) => {
      const record = {
        shard: `shardId-${all.length % 2}`,
        sequence: `4963${String(all.length).padStart(20, '0')}`,
        data,
        ...(arrived !== undefined && { arrived }),
      };
      all.push(record);
      return `${JSON.stringify({ ...record, data: data.toString('base64') })}\n`;
    });
    appendFileSync(join(this.folder, `${namesOf(dataset, this.userPrefix).stream}.jsonl`), written.join(''));
  }

  /** Puts the lines of a random landing on the streams. */
  sendLanding(number: number): void {
    const [files = {}] = landingsOf(this.seed + number, 1);
    for (const dataset of datasets) {
      const mine = Object.entries(files).filter(([path]) => dirname(dirname(path)).endsWith(dataset.name));
      // A record is not a file: a mark at its start would be part of it.
      this.send(
        dataset,
        mine.flatMap(([, content]) => linesOf(content).filter((line) => !startsWithMark(line))),
      );
    }
  }

  /** Writes all events that were sent and not erased as landing files. Returns the folder. */
  async landed(): Promise<string> {
    const landing = join(this.parent, 'landing');
    rmSync(landing, { recursive: true, force: true });
    for (const dataset of datasets) {
      const path = `topics/${dataset.name}/partition=0/${dataset.name}+0+0000000000.json`;
      const events = this.left(dataset).flatMap(({ data }) => [...eventsIn(data)]);
      await land(landing, { [path]: landingFile(events.map((event) => Buffer.from(event))) });
    }
    return landing;
  }

  /** The stream's lake as it must be after everything that was sent. */
  async expected(): Promise<Lake> {
    const { silver } = await cleanLanding(await this.landed(), datasets);
    return Object.fromEntries([
      ...datasets.map((dataset) => [`quarantine/${dataset.name}`, this.quarantineOf(dataset)] as const),
      ...Object.entries(silver).map(([name, table]) => [`silver/${name}`, plain(table)] as const),
    ]);
  }

  /** The records of a stream without those that an erasure has taken. */
  private left(dataset: Dataset): StreamRecord[] {
    return (this.sent.get(dataset) ?? []).filter(({ erased }) => erased !== true);
  }

  private quarantineOf(dataset: Dataset): PlainTable {
    const decoder = new Decoder(dataset);
    const { stream } = namesOf(dataset, this.userPrefix);
    const rows: string[][] = [];
    for (const { shard, sequence, data } of this.left(dataset)) {
      for (const event of eventsIn(data)) {
        decoder.decodeLine(event, (_, reason) => {
          rows.push([stream, shard, sequence, Buffer.from(quarantineText(event)).toString(), reason]);
        });
      }
    }
    return plainRows(quarantineSchema, rows);
  }
}
