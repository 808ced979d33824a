/**
 * Runs gateway, stream and sink as processes, sends them posts and lets faults happen, on a disk of its own. Prints what came of it.
 *
 *     soak_process.ts DISK FOLDER '{"seconds": 300, "rate": 2000, "mebibytes": 2048}'
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulation } from '../../emulator/emulate.ts';
import { apiSendToKafka } from '../../emulator/senders/kafka.ts';
import { syntheticSource } from '../../emulator/sources/synthetic.ts';
import { resendSource, UnsentFile } from '../../emulator/unsent.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { freePorts } from '../real/systems/processes.ts';
import { Clock } from '../support/clock.ts';
import { type Ended, runCommand } from '../support/process.ts';
import { Disk, faults, Way, type World } from './faults.ts';
import { outcomeOf } from './outcome.ts';
import { sampleOf } from './samples.ts';
import { Service } from './service.ts';
import { readSoakOptions, type Sample, type SoakReport } from './soak.ts';

const [disk = '', folder = '', given = '{}'] = process.argv.slice(2);
const { seconds, rate, mebibytes } = readSoakOptions(given);
const [gatewayPort = 0, streamPort = 0, sinkPort = 0, wayPort = 0] = await freePorts(4);
// The end of all waiting below, before the test gives up on this process and forgets it.
setTimeout(
  () => {
    throw new Error('The soak has not ended in time.');
  },
  1000 * (2 * seconds + 100),
).unref();
const clock = new Clock(join(folder, 'clock'));
const env = { ...process.env, ...clock.env };
const log = `embedded:${disk}/log`;
const streamOptions = ['--from', log, '--topics', '--lake', join(disk, 'lake')];
const sinkOptions = ['--from', log, '--landing', join(disk, 'landing')];
const gateway = new Service('gateway', gatewayPort, ['--log', log, '--port', String(gatewayPort)], env);
await gateway.ready();
const services = {
  gateway,
  stream: new Service('stream', streamPort, [...streamOptions, '--page-port', String(streamPort)], env),
  sink: new Service(
    'sink',
    sinkPort,
    [...sinkOptions, '--rotate-seconds', '2', '--metrics-port', String(sinkPort)],
    env,
  ),
};
// Where this process fails, nothing that it has started goes on.
process.on('exit', () => {
  for (const service of Object.values(services)) {
    service.signal('SIGKILL');
  }
});
await Promise.all([services.stream.ready(), services.sink.ready()]);
const way = new Way(wayPort, gatewayPort);
const world: World = {
  ...services,
  way,
  disk: mebibytes === null ? undefined : new Disk(disk, mebibytes),
  clock,
};
const unsentFile = new UnsentFile(join(folder, 'unsent.jsonl'));
const sending = { url: `http://127.0.0.1:${wayPort}`, apis: [apiSendToKafka()], datasets, unsentFile };
const emulation = startEmulation({
  ...sending,
  source: syntheticSource(datasets, 1),
  rate,
  count: rate * seconds,
  batch: 20,
  maximumInFlight: 2000,
});
const ended = new AbortController();
const samples: Sample[] = [];
const happened: { seconds: number; name: string }[] = [];

/** Reads the events of the live page, as an open browser does. */
async function readPage(): Promise<void> {
  while (!ended.signal.aborted) {
    try {
      const page = await fetch(`http://127.0.0.1:${streamPort}/api/events`, { signal: ended.signal });
      await page.body?.pipeTo(new WritableStream(), { signal: ended.signal });
    } catch {
      await sleep(1000);
    }
  }
}

async function sample(): Promise<void> {
  for (; !ended.signal.aborted; await sleep(Math.max(500, (seconds * 1000) / 400))) {
    samples.push(await sampleOf(services, emulation.snapshot()));
  }
}

async function letFaultsHappen(): Promise<void> {
  const possible = faults.filter(({ name }) => name !== 'disk full' || world.disk !== undefined);
  const rounds = Math.max(1, Math.floor(seconds / 100));
  const between = (seconds * 1000) / (rounds * possible.length + 1);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, begin } of possible) {
      const wait = sleep(between);
      await sleep(between / 2);
      happened.push({ seconds: emulation.snapshot().seconds, name });
      await begin(world, Math.min(3000, between / 3));
      await wait;
    }
  }
}

/** Sends what was given up, as somebody would with `--resend`. @returns the number of posts that arrive now */
async function resend(): Promise<number> {
  const source = await resendSource(unsentFile.path);
  const { posts } = await startEmulation({ ...sending, source }).done;
  await source.finish();
  return posts.sent;
}

/** Reads what the stream and the sink have not read yet. */
async function finish(): Promise<Ended> {
  for (const service of [services.gateway, services.stream, services.sink]) {
    await service.stop();
  }
  const [stream, sink] = await Promise.all([
    runCommand(['stream', ...streamOptions, '--no-page', '--until-idle', '1']),
    runCommand(['sink', ...sinkOptions, '--rotate-seconds', '1', '--until-idle', '1']),
  ]);
  for (const { status, errors } of [stream, sink]) {
    if (status !== 0) {
      throw new Error(`What is left cannot be read: ${errors}`);
    }
  }
  return stream;
}

const watching = [readPage(), sample()];
await letFaultsHappen();
const { posts, failures, latency } = await emulation.done;
samples.push(await sampleOf(services, emulation.snapshot()));
const resent = posts.unsent === 0 ? 0 : await resend();
ended.abort();
await Promise.all(watching);
way.close();
const { output } = await finish();
const report: SoakReport = {
  posts: { begun: posts.begun, sent: posts.sent, resent },
  failures,
  latency,
  samples,
  faults: happened,
  unexplained: Object.values(services).flatMap(({ unexplained }) => unexplained),
  outcomes: await outcomeOf(disk, posts.begun, output),
};
process.stdout.write(JSON.stringify(report));
