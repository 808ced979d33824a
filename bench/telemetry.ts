/**
 * The CPU time of a request of one record without metrics, with them, and with traces, by turns, on a gateway whose log keeps nothing: the largest
 * part that they can have.
 *
 *     npx tsx bench/telemetry.ts [turns, 20]
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import autocannon from 'autocannon';
import { produceContentType } from '../pipeline/api/document.ts';
import { bodyOf, type GatewayChild, startChild } from './gateway.ts';

const requests = 5000;
const turns = Number(process.argv[2] ?? 20);

async function cpuOfRequest(gateway: GatewayChild): Promise<number> {
  const before = await gateway.cpu();
  await autocannon({
    url: `${gateway.url}/topics/pin`,
    method: 'POST',
    headers: { 'content-type': produceContentType },
    body: bodyOf(1),
    connections: 32,
    amount: requests,
  });
  return ((await gateway.cpu()) - before) / requests;
}

/** A receiver that takes all and looks at nothing. */
const receiver = createServer((request, response) => request.resume().once('end', () => response.end('{}')));
await once(receiver.listen(0, '127.0.0.1'), 'listening');
const address = receiver.address();

/** @param sampled part of the requests that are traced; none where it is not given */
async function traced(sampled?: string): Promise<GatewayChild> {
  const names = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${address instanceof Object ? address.port : 0}/`,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: sampled ?? '0',
  };
  const before = { ...process.env };
  process.env = sampled === undefined ? before : { ...before, ...names };
  const child = await startChild('none', 'metrics');
  process.env = before;
  return child;
}

const gateways = {
  'without metrics': await startChild('none'),
  'with metrics': await traced(),
  'and one trace in 100 requests': await traced('0.01'),
  'and a trace of each request': await traced('1'),
};
const names = Object.keys(gateways) as (keyof typeof gateways)[];
const times = new Map(names.map((name) => [name, [] as number[]]));
// The first turns compile.
for (let turn = -3; turn < turns; turn++) {
  for (const name of turn % 2 === 0 ? names : names.toReversed()) {
    const time = await cpuOfRequest(gateways[name]);
    if (turn >= 0) {
      times.get(name)?.push(time);
    }
  }
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const medians = names.map((name) => median(times.get(name) ?? []));
for (const [index, name] of names.entries()) {
  const [bare = Number.NaN, own = Number.NaN] = [medians[0], medians[index]];
  process.stdout.write(
    `${own.toFixed(1).padStart(6)} µs ${name}: ${((own / bare - 1) * 100).toFixed(1)} % more\n`,
  );
}
await Promise.all(names.map((name) => gateways[name].stop()));
receiver.close();
