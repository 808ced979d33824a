import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startEmulation } from '../../../emulator/emulate.ts';
import { createTopics, startGateway } from '../../../emulator/gateway.ts';
import { generatePost } from '../../../emulator/generator.ts';
import { apiSendToKafka } from '../../../emulator/senders/kafka.ts';
import { syntheticSource } from '../../../emulator/sources/synthetic.ts';
import { produceContentType } from '../../../pipeline/api/document.ts';
import { answer, cleanLanding } from '../../../pipeline/batch/run.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { pin } from '../../../pipeline/datasets/pin.ts';
import { runSink } from '../../../pipeline/landing/sink.ts';
import { openLog } from '../../../pipeline/log/open.ts';
import { startStream } from '../../../pipeline/stream/run.ts';
import { batchTraces, landingTraces } from '../../../pipeline/telemetry/log_traces.ts';
import { meteredLog } from '../../../pipeline/telemetry/metered_log.ts';
import { startTelemetry } from '../../../pipeline/telemetry/telemetry.ts';
import { queries } from '../../../queries/index.ts';
import { ofEvent } from '../../emulator/gateway_requests.ts';
import { cleanLines, nineAnswers } from '../../oracle/oracle.ts';
import { suiteFolder } from '../../support/folder.ts';
import { spansIn, startOtlpReceiver } from '../../support/otlp_receiver.ts';
import { describeReal, kafka } from '../systems.ts';

type Broker = Awaited<ReturnType<typeof kafka.start>>;

const posts = 6000;
const seed = 11;
const topics = datasets.map(({ name }) => name);

describeReal('emulator, gateway, Kafka, sink and batch', [kafka], () => {
  let broker: Broker;
  const landing = suiteFolder('kafka-landing');
  beforeAll(async () => {
    broker = await kafka.start();
  });
  afterAll(() => broker?.stop());

  it('create a stream as a topic of Kafka, and delete it', async () => {
    const log = await openLog(`kafka://${broker.bootstrap}`);
    const gateway = await startGateway({ log });
    const ask = async (method: string, body?: object) => {
      const response = await fetch(`${gateway.url}/streams/streaming-mine`, {
        method,
        ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
      });
      return response.status;
    };
    expect(await ask('POST', { ShardCount: 2 })).toBe(200);
    expect(await log.shards('streaming-mine')).toHaveLength(2);
    expect(await ask('DELETE')).toBe(200);
    expect(await ask('GET')).toBe(400);
    expect(await log.topics()).not.toContain('streaming-mine');
    await gateway.close();
    await log.close();
  });

  it('hand the trace of a request on to its landing file and to the commit of a stream', async () => {
    const receiver = await startOtlpReceiver();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    const telemetry = await startTelemetry('test');
    vi.unstubAllEnvs();
    const log = await openLog(`kafka://${broker.bootstrap}`);
    const topic = 'traced.pin';
    await createTopics(log, [topic], 1);
    const gateway = await startGateway({ log: meteredLog(log, telemetry, 'kafka'), telemetry });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await fetch(`${gateway.url}/topics/${topic}`, {
      method: 'POST',
      headers: { 'content-type': produceContentType, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
      body: ofEvent(1),
    });
    expect(answer.status).toBe(200);
    const sink = runSink({
      log,
      topics: [topic],
      landing: join(landing, 'traced'),
      onLanded: landingTraces(telemetry.tracing, 'kafka'),
    });
    await sink.drain();
    await sink.stop();
    const stream = startStream({
      log,
      datasets: [pin],
      queries: [],
      streams: { pin: topic },
      lake: join(landing, 'traced-lake'),
      checkpoints: join(landing, 'traced-checkpoints'),
      onBatch: batchTraces(telemetry.tracing, 'kafka'),
    });
    await stream.drain();
    await stream.stop();
    await gateway.close();
    await log.close();
    await telemetry.close();
    receiver.close();
    const spans = spansIn(receiver);
    const sent = spans.find(({ name }) => name === `send ${topic}`) ?? expect.fail('no span of the append');
    expect(sent.traceId).toBe(traceId);
    const commits = spans.filter(({ name }) => name === `process ${topic}`);
    expect(commits.map(({ links }) => links)).toEqual([
      [expect.objectContaining({ traceId, spanId: sent.spanId })],
      [expect.objectContaining({ traceId, spanId: sent.spanId })],
    ]);
  });

  it('give the nine tables of the posts that were generated, though the broker is killed in the middle', async () => {
    const log = await openLog(`kafka://${broker.bootstrap}`);
    await createTopics(log, topics);
    const gateway = await startGateway({ log });
    const sink = runSink({ log, topics, landing, flushSize: 500, rotateMilliseconds: 1000 });
    const emulation = startEmulation({
      url: gateway.url,
      apis: [apiSendToKafka()],
      datasets,
      source: syntheticSource(datasets, seed),
      count: posts,
      batch: 10,
      maximumInFlight: 200,
      retry: { attempts: 60, firstPauseMilliseconds: 100, longestPauseMilliseconds: 2000 },
    });
    await vi.waitFor(() => expect(emulation.snapshot().posts.sent).toBeGreaterThan(posts / 4), {
      timeout: 60_000,
    });
    emulation.pause();
    expect(emulation.snapshot().posts.begun).toBeLessThan(posts);
    await broker.kill();
    emulation.resume();
    await vi.waitFor(() => expect(emulation.snapshot().retries).toBeGreaterThan(0), { timeout: 120_000 });
    await broker.startAgain();
    const summary = await emulation.done;
    expect(summary.posts).toEqual({ begun: posts, sent: posts, unsent: 0, inFlight: 0 });
    await sink.drain();
    await sink.stop();
    await gateway.close();
    await log.close();

    const generated = Array.from({ length: posts }, (_, index) => generatePost(index, seed));
    const lines = Object.fromEntries(
      topics.map((topic) => [topic, generated.map((post) => JSON.stringify(post[topic]))]),
    );
    const expected = cleanLines(lines);
    const { silver, quarantine, totals } = await cleanLanding(landing, datasets);
    for (const topic of topics) {
      expect(totals[topic]?.kept).toBe(expected.silver[topic]?.length);
      expect(rowsOf(quarantine[topic] ?? expect.fail(topic))).toEqual([]);
    }
    expect(
      Object.fromEntries(answer(queries, silver).map(({ query, table }) => [query.name, rowsOf(table)])),
    ).toEqual(nineAnswers(expected.silver));
  });
});
