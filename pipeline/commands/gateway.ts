/** The HTTP API on this machine, in front of any log. */
import * as z from 'zod';
import { StreamsOnAws } from '../../emulator/gateway/streams_on_aws.ts';
import { createTopics, startGateway, streamPrefix } from '../../emulator/gateway.ts';
import { datasets } from '../datasets/index.ts';
import { openLog, parseLogUrl } from '../log/open.ts';
import { namesOf } from '../naming.ts';
import { exposureOf, exposureOptions } from './exposure.ts';
import { flag, option, port, readOption, runCommand, text, userPrefix } from './settings.ts';

const command = {
  name: 'gateway',
  does: 'Serves the HTTP API on this machine, in front of a log.',
  endsWithin: 20,
  options: z.object({
    log: option('URL', 'embedded:DIR, kafka://host:port or kinesis://region', text),
    port: option('P', 'the port to listen on (8082; 0: a free one)', port.default(8082)),
    ...exposureOptions,
    endpoint: option('URL', 'where the Kinesis API is, when not at AWS', z.url('must be a URL').optional()),
    prefix: option('USER', 'the user prefix of topics and streams', userPrefix.optional()),
    create: flag('makes the topics and streams that are not there yet (an embedded log always does)'),
  }),
};

export const ended = runCommand(
  command,
  async ({ log: url, port, endpoint, prefix, create, ...settings }, signal) => {
    const address = readOption(() => parseLogUrl(url));
    const exposure = await exposureOf(settings);
    const log = await openLog(url, { endpoint });
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
        process.stderr.write(`The log has no ${missing.join(', ')}. Make them, or start with --create.\n`);
      }
      const streams =
        address.kind === 'kinesis'
          ? { streams: new StreamsOnAws({ region: address.region, endpoint, prefix: streamPrefix }) }
          : {};
      const gateway = await startGateway({
        log,
        exposure,
        port,
        ownStreams: names.map(({ stream }) => stream),
        ...streams,
      });
      process.stdout.write(`The API listens on ${gateway.url}\n`);
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
      await gateway.close();
    } finally {
      await log.close();
    }
  },
);
