/** The HTTP API on this machine, in front of any log. */
import * as z from 'zod';
import { StreamsOnAws } from '../../emulator/gateway/streams_on_aws.ts';
import { type AnsweredRequest, createTopics, startGateway, streamPrefix } from '../../emulator/gateway.ts';
import { datasets } from '../datasets/index.ts';
import { openLog, parseLogUrl } from '../log/open.ts';
import { namesOf } from '../naming.ts';
import { messagingSystemOf } from '../telemetry/log_traces.ts';
import { meteredLog } from '../telemetry/metered_log.ts';
import { exposureOf, exposureOptions } from './exposure.ts';
import { Journal, journalOptions } from './journal.ts';
import { flag, option, port, readOption, runCommand, text, userPrefix } from './settings.ts';
import { telemetryOf } from './telemetry.ts';

const command = {
  name: 'gateway',
  does: 'Serves the HTTP API on this machine, in front of a log.',
  endsWithin: 20,
  options: z.object({
    log: option('URL', 'embedded:DIR, kafka://host:port or kinesis://region', text),
    port: option('P', 'the port to listen on (8082; 0: a free one)', port.default(8082)),
    ...exposureOptions,
    ...journalOptions,
    endpoint: option('URL', 'where the Kinesis API is, when not at AWS', z.url('must be a URL').optional()),
    prefix: option('USER', 'the user prefix of topics and streams', userPrefix.optional()),
    create: flag('makes the topics and streams that are not there yet (an embedded log always does)'),
  }),
};

export const ended = runCommand(
  command,
  async ({ log: url, port, endpoint, prefix, create, ...settings }, signal) => {
    const address = readOption(() => parseLogUrl(url));
    const exposure = await exposureOf(settings, { signatures: true });
    const journal = new Journal('gateway', settings);
    const telemetry = await telemetryOf('gateway');
    const log = meteredLog(await openLog(url, { endpoint }), telemetry, messagingSystemOf(address));
    try {
      const names = datasets.map((dataset) => namesOf(dataset, prefix));
      const wanted = names.flatMap(({ topic, stream }) =>
        address.kind === 'kinesis' ? [stream] : [topic, stream],
      );
      const there = await log.topics();
      const missing = wanted.filter((name) => !there.includes(name));
      if (create || address.kind === 'embedded') {
        await createTopics(log, missing);
      } else if (missing.length > 0) {
        journal.note('warn', `The log has no ${missing.join(', ')}. Make them, or start with --create.`);
      }
      const streams =
        address.kind === 'kinesis'
          ? { streams: new StreamsOnAws({ region: address.region, endpoint, prefix: streamPrefix }) }
          : {};
      const gateway = await startGateway({
        log,
        exposure,
        telemetry,
        onAnswer: (answer) => noteAnswer(journal, answer),
        port,
        ownStreams: names.map(({ stream }) => stream),
        ...streams,
      });
      process.stdout.write(`The API listens on ${gateway.url}\n`);
      if (journal.isJson) {
        journal.note('info', 'The API listens.', { url: gateway.url });
      }
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
      await gateway.close();
    } finally {
      await log.close();
      await telemetry.close();
    }
  },
);

/** Requests that fail, or that are not let in, are worth a line; others only for whoever looks for them. */
function noteAnswer(
  journal: Journal,
  { method, route = 'unknown', status, milliseconds }: AnsweredRequest,
): void {
  const fields = { method, route, status, milliseconds: Math.round(milliseconds) };
  if (status >= 500 || [401, 403, 421, 429].includes(status)) {
    journal.noteOften(
      `${status} ${route}`,
      status >= 500 ? 'error' : 'warn',
      'A request was not taken.',
      fields,
    );
  } else {
    journal.note('debug', 'A request was answered.', fields);
  }
}
