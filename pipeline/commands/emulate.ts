/** Takes posts from a source and sends them to the HTTP API. */
import * as z from 'zod';
import { startEmulation } from '../../emulator/emulate.ts';
import { observeEmulation } from '../../emulator/metrics.ts';
import { type MysqlAddress, mysqlAddress } from '../../emulator/mysql/address.ts';
import { Database } from '../../emulator/mysql/database.ts';
import { reportOn, summaryOf } from '../../emulator/report.ts';
import {
  type Authorise,
  regionOfApi,
  withApiKey,
  withoutAuthorisation,
  withSignature,
} from '../../emulator/senders/authorisation.ts';
import { apiSendToKafka } from '../../emulator/senders/kafka.ts';
import { apiSendToKinesis } from '../../emulator/senders/kinesis.ts';
import { isApiUrl } from '../../emulator/senders/sender.ts';
import { orderedMysqlSource, randomMysqlSource } from '../../emulator/sources/mysql.ts';
import type { PostSource } from '../../emulator/sources/source.ts';
import { syntheticSource } from '../../emulator/sources/synthetic.ts';
import { openStackDatabase } from '../../emulator/stack/database.ts';
import { type StackOutputs, stackOutputs } from '../../emulator/stack/outputs.ts';
import { type ResendSource, resendSource, UnsentFile } from '../../emulator/unsent.ts';
import { datasets } from '../datasets/index.ts';
import { exposureOf, exposureOptions } from './exposure.ts';
import {
  flag,
  option,
  path,
  positiveInteger,
  positiveNumber,
  readOption,
  runCommand,
  text,
  UsageError,
  userPrefix,
  wholeNumber,
} from './settings.ts';
import { metricsAt, metricsPort, telemetryOf } from './telemetry.ts';

const command = {
  name: 'emulate',
  does: 'Takes posts from a source and sends them to the HTTP API, each to three topics or three streams.',
  options: z.object({
    to: option(
      'URL',
      'the API, here or at AWS; a key for it is taken from API_KEY',
      text.refine(isApiUrl, 'must be an http:// or https:// URL, with no user or password in it').optional(),
    ),
    stack: option(
      'STACK',
      'a deployed stack: its API, its key, its prefix and its database',
      text.optional(),
    ),
    api: option('NAME', 'kafka or kinesis (kafka)', z.enum(['kafka', 'kinesis']).default('kafka')),
    source: option(
      'SOURCE',
      'synthetic, or mysql://host/database (synthetic; with --stack its database)',
      text.optional(),
    ),
    rate: option('R', 'posts a second (as many as are taken)', positiveNumber.optional()),
    count: option('N', 'ends after N posts', positiveInteger.optional()),
    seed: option('S', 'which synthetic posts (1)', wholeNumber.default(1)),
    order: flag('walks the rows of the database in their order, instead of picking them at random'),
    batch: option('N', 'posts sent together, a request a dataset (1)', positiveInteger.default(1)),
    inFlight: option('N', 'posts under way at most (256)', positiveInteger.default(256)),
    sign: flag('signs requests with AWS credentials (Signature Version 4)'),
    prefix: option('USER', 'the user prefix of topics and streams', userPrefix.optional()),
    unsent: option('FILE', 'keeps posts that could not be sent (unsent.jsonl)', path.default('unsent.jsonl')),
    metricsPort,
    ...exposureOptions,
    resend: option('FILE', 'sends the posts of such a file again, instead of a source', path.optional()),
  }),
};

export const ended = runCommand(command, async (settings, signal) => {
  const { api, rate, count, batch, inFlight, resend } = settings;
  const exposure = await exposureOf(settings);
  const { url, prefix, authorise, openSource } = await targetOf(settings);
  const telemetry = await telemetryOf('emulate');
  const unsentFile = new UnsentFile(resend ?? settings.unsent);
  const resending = resend === undefined ? undefined : await resendSource(resend);
  const source = resending ?? (await openSource());
  try {
    const emulation = startEmulation({
      url,
      apis: [api === 'kafka' ? apiSendToKafka(prefix) : apiSendToKinesis(prefix)],
      datasets,
      authorise,
      source,
      rate,
      count,
      batch,
      maximumInFlight: Math.max(inFlight, batch),
      unsentFile,
      tracing: telemetry.tracing,
      signal,
    });
    observeEmulation(telemetry, () => emulation.snapshot());
    const stopMetrics = await metricsAt(settings.metricsPort, telemetry, exposure, () => undefined);
    const stopReport = reportOn(emulation, process.stdout);
    const summary = await emulation.done.finally(stopReport).finally(stopMetrics);
    await forget(resending, unsentFile);
    process.stdout.write(summaryOf(summary));
    if (summary.posts.unsent > 0) {
      throw new Error(`Posts were not sent. Send them again with --resend ${unsentFile.path}`);
    }
  } finally {
    await source.close();
    await telemetry.close();
  }
});

type Settings = z.output<typeof command.options>;

/** The destination and the source of posts. */
interface Target {
  readonly url: string;
  readonly prefix: string | undefined;
  readonly authorise: Authorise;
  readonly openSource: () => Promise<PostSource>;
}

async function targetOf(settings: Settings): Promise<Target> {
  const { to, stack, prefix, sign, source } = settings;
  if (stack !== undefined && to === undefined) {
    const outputs = await stackOutputs(stack);
    return {
      url: outputs.apiUrl,
      prefix: prefix ?? outputs.userPrefix,
      authorise: authorisationOf(outputs),
      openSource: () =>
        source === undefined ? sourceOfStack(stack, outputs, settings) : openSource(settings),
    };
  }
  if (to === undefined || stack !== undefined) {
    throw new UsageError('Say where to send posts: either --to URL, or --stack STACK.');
  }
  return {
    url: to,
    prefix,
    authorise: authorisationFor(new URL(to), sign),
    openSource: () => openSource(settings),
  };
}

/** Keeps what was not read from the file in the new one; what was read is sent, or in the new file already. */
async function forget(resending: ResendSource | undefined, unsentFile: UnsentFile): Promise<void> {
  if (resending) {
    const rest = await resending.rest();
    if (rest.length > 0) {
      await unsentFile.keep(rest);
    }
    await resending.finish();
  }
}

function authorisationFor(url: URL, sign: boolean): Authorise {
  const key = process.env.API_KEY;
  if (!sign) {
    return key === undefined || key === '' ? withoutAuthorisation : withApiKey(key);
  }
  const region = regionOfApi(url) ?? process.env.AWS_REGION;
  if (region === undefined) {
    throw new UsageError('--sign needs the region of the API: set AWS_REGION.');
  }
  return withSignature(region);
}

function authorisationOf({ apiAuthorisation, apiKey, region }: StackOutputs): Authorise {
  return apiAuthorisation === 'iam' || apiKey === undefined ? withSignature(region) : withApiKey(apiKey);
}

async function openSource(settings: Settings): Promise<PostSource> {
  const { source = 'synthetic', seed } = settings;
  if (source === 'synthetic') {
    return syntheticSource(datasets, seed);
  }
  if (!source.startsWith('mysql:')) {
    throw new UsageError('--source must be synthetic or mysql://host/database.');
  }
  return mysqlSource(
    readOption(() => mysqlAddress(source)),
    settings,
  );
}

/** Rows of the stack's own database; the way to it is closed with the source. */
async function sourceOfStack(stack: string, outputs: StackOutputs, settings: Settings): Promise<PostSource> {
  const database = await openStackDatabase(stack, outputs, (reason) =>
    process.stderr.write(`\nOpening the way to the database again: ${reason}\n`),
  );
  try {
    const source = await mysqlSource(database.address, settings);
    return { ...source, close: () => source.close().finally(database.close) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function mysqlSource(address: MysqlAddress, { order }: Pick<Settings, 'order'>): Promise<PostSource> {
  const database = await Database.open(address, {
    onAway: (reason) =>
      process.stderr.write(
        reason === null ? '\nThe database is back.\n' : `\nWaiting for the database: ${reason}\n`,
      ),
  });
  return order ? orderedMysqlSource({ database, datasets }) : randomMysqlSource({ database, datasets });
}
