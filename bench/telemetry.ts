/**
 * The CPU time of a request of one record with metrics and without, by turns, on a gateway whose log keeps nothing: the largest
 * part that metrics can have.
 *
 *     npx tsx bench/telemetry.ts [turns, 20]
 */
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

const gateways = { with: await startChild('none', 'metrics'), without: await startChild('none') };
const times: Record<keyof typeof gateways, number[]> = { with: [], without: [] };
// The first turns compile.
for (let turn = -3; turn < turns; turn++) {
  for (const name of turn % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
    const time = await cpuOfRequest(gateways[name]);
    if (turn >= 0) {
      times[name].push(time);
    }
  }
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const [measured, bare] = [median(times.with), median(times.without)];
process.stdout.write(
  `${measured.toFixed(1)} µs with metrics, ${bare.toFixed(1)} without: ${((measured / bare - 1) * 100).toFixed(1)} %\n`,
);
await Promise.all([gateways.with.stop(), gateways.without.stop()]);
