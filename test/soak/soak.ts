/** The pipeline under load for long, with faults now and then. */
import * as z from 'zod';
import { startProgram } from '../support/process.ts';
import { canMount, runOnSmallDisk } from '../support/small_disk.ts';

const soakOptions = z.object({
  seconds: z.number(),
  /** Posts a second. */
  rate: z.number(),
  /** Size of the disk; null: it is not one of its own, and is never full. */
  mebibytes: z.number().nullable(),
});

/** The metrics at one time; null where a service did not answer, as one that is being started. */
const sample = z.object({
  seconds: z.number(),
  posts: z.number(),
  /** Resident memory, MiB. */
  gatewayMemory: z.number().nullable(),
  streamMemory: z.number().nullable(),
  sinkMemory: z.number().nullable(),
  /** Records of the log that are not read yet. */
  streamLag: z.number().nullable(),
  sinkLag: z.number().nullable(),
});

const soakReport = z.object({
  posts: z.object({
    begun: z.number(),
    sent: z.number(),
    /** Those that were given up, and sent again at the end. */
    resent: z.number(),
  }),
  failures: z.record(z.string(), z.number()),
  /** Milliseconds from when a post was due until all of it arrived. */
  latency: z.object({ p50: z.number(), p99: z.number() }).nullable(),
  samples: z.array(sample),
  faults: z.array(z.object({ seconds: z.number(), name: z.string() })),
  /** The ends of processes that no fault explains, with what they wrote. */
  unexplained: z.array(z.string()),
  outcomes: z.array(
    z.object({
      dataset: z.string(),
      /** Records in the log: a post whose answer was lost is sent again, so they may be more than the posts. */
      records: z.number(),
      /** The stream's totals. */
      counted: z.object({ read: z.number(), kept: z.number(), repeated: z.number() }),
      rows: z.number(),
      /** Posts that have no row. */
      withoutRow: z.number(),
      quarantined: z.number(),
      /** Records in landing files. */
      landed: z.number(),
      /** Landing files that do not begin at the record after the last of the file before. */
      gaps: z.array(z.string()),
      /** Posts that are in no landing file. */
      notLanded: z.number(),
    }),
  ),
});

export type Sample = z.output<typeof sample>;
export type SoakReport = z.output<typeof soakReport>;
export type DatasetOutcome = SoakReport['outcomes'][number];

const program = 'test/soak/soak_process.ts';

/** A post takes about 1 kB of the log, as much of the landing files, and little of the lake. */
const kibibytesOfPost = 3;

/** @param folder for what is not on the disk that gets full */
export async function soak(
  folder: string,
  { seconds, rate }: { readonly seconds: number; readonly rate: number },
): Promise<SoakReport> {
  const mebibytes = canMount ? 128 + Math.ceil((seconds * rate * kibibytesOfPost) / 1024) : null;
  const options = JSON.stringify({ seconds, rate, mebibytes });
  if (mebibytes !== null) {
    return soakReport.parse(await runOnSmallDisk(mebibytes, program, folder, options));
  }
  const { status, output, errors } = await startProgram(program, folder, folder, options).ended;
  if (status !== 0) {
    throw new Error(errors);
  }
  return soakReport.parse(JSON.parse(output));
}

export function readSoakOptions(text: string): z.output<typeof soakOptions> {
  return soakOptions.parse(JSON.parse(text));
}
