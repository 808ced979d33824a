import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGateway } from '../../emulator/gateway.ts';
import { pin } from '../../pipeline/datasets/pin.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { batchTraces } from '../../pipeline/telemetry/log_traces.ts';
import { meteredLog } from '../../pipeline/telemetry/metered_log.ts';
import { startTelemetry, type Telemetry } from '../../pipeline/telemetry/telemetry.ts';
import { spanContextOf, traceparentOf } from '../../pipeline/telemetry/traceparent.ts';
import { ofEvent, produce, put } from '../emulator/gateway_requests.ts';
import { suiteFolder } from '../support/folder.ts';
import { recordsIn } from '../support/log_records.ts';
import { type OtlpReceiver, spansIn, startOtlpReceiver } from '../support/otlp_receiver.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';
const sampled = `00-${trace}-${caller}-01`;
const notSampled = `00-${trace}-${caller}-00`;

let log: EmbeddedLog;
let receiver: OtlpReceiver;
beforeAll(async () => {
  log = await EmbeddedLog.open(suiteFolder('traces'));
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await log.close();
  receiver.close();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Telemetry by an environment that names the receiver, and what else is given. */
function telemetryWith(environment: Record<string, string> = {}): Promise<Telemetry> {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
  vi.stubEnv('OTEL_METRICS_EXPORTER', 'none');
  for (const [name, value] of Object.entries(environment)) {
    vi.stubEnv(name, value);
  }
  return startTelemetry('test');
}

/** Posts one event with a traceparent to a topic and to a stream of their own. @returns what the records name */
async function postedWith(telemetry: Telemetry, traceparent: string): Promise<(string | undefined)[]> {
  const topics = ['pin', 'streaming-pin'];
  for (const topic of await log.topics()) {
    await log.deleteTopic(topic);
  }
  for (const topic of topics) {
    await log.createTopic(topic, 1);
  }
  const gateway = await startGateway({ log: meteredLog(log, telemetry, 'pinterest_embedded'), telemetry });
  const headers = { traceparent };
  expect((await produce(gateway.url, ofEvent(1), headers)).status).toBe(200);
  const body = '{"StreamName":"streaming-pin","Data":{"index":1},"PartitionKey":"1"}';
  expect((await put(gateway.url, 'streaming-pin/record', body, headers)).status).toBe(200);
  await gateway.close();
  await telemetry.close();
  const held = await Promise.all(topics.map((topic) => recordsIn(log, topic, '0')));
  return held.flat().map((one) => one.traceparent);
}

describe('a record that a request brings', () => {
  it('names its span, a child of the caller’s in one trace', async () => {
    const named = await postedWith(await telemetryWith(), sampled);
    const spans = spansIn(receiver);
    expect(named).toHaveLength(2);
    for (const traceparent of named) {
      const context = spanContextOf(traceparent) ?? expect.fail('no trace');
      expect(context.traceId).toBe(trace);
      const append = spans.find(({ spanId }) => spanId === context.spanId);
      const request = spans.find(({ spanId }) => spanId === append?.parentSpanId);
      expect(request).toMatchObject({ traceId: trace, parentSpanId: caller });
    }
  });

  it.each([
    ['no receiver is named', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, sampled],
    ['traces are sent nowhere', { OTEL_TRACES_EXPORTER: 'none' }, sampled],
    ['the caller’s is not sampled', {}, notSampled],
    ['the sampler takes none', { OTEL_TRACES_SAMPLER: 'always_off' }, sampled],
    [
      'the sampler takes one in none',
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
      sampled,
    ],
  ])('names no span where %s', async (_, environment, traceparent) => {
    const before = receiver.received.length;
    expect(await postedWith(await telemetryWith(environment), traceparent)).toEqual([undefined, undefined]);
    expect(receiver.received).toHaveLength(before);
  });

  it('begins a trace where the caller’s cannot be read', async () => {
    for (const traceparent of await postedWith(await telemetryWith(), 'no trace')) {
      expect(spanContextOf(traceparent)?.traceId).not.toBe(trace);
    }
  });
});

describe('a commit', () => {
  it.each([
    ['parentbased_always_on', 1],
    ['parentbased_always_off', 1],
    ['always_off', 0],
  ])('is sampled as the spans that sent its records, by %s', async (sampler, expected) => {
    const telemetry = await telemetryWith({ OTEL_TRACES_SAMPLER: sampler });
    const before = spansIn(receiver).length;
    const batch = {
      stream: 'streaming-pin',
      number: 7,
      records: 3,
      events: 3,
      milliseconds: 20,
      newestEventAt: 0,
    };
    const note = batchTraces(telemetry.tracing, 'kafka') ?? expect.fail('no tracing');
    note({ ...batch, traceparents: [sampled] }, pin);
    note({ ...batch, traceparents: [] }, pin);
    await telemetry.close();
    const spans = spansIn(receiver).slice(before);
    expect(spans).toHaveLength(expected);
    expect(spans.every(({ links: [link] }) => link?.traceId === trace && link.spanId === caller)).toBe(true);
  });
});

describe('a sampler of a ratio', () => {
  const ratio = (name: string, of: string) => ({
    OTEL_TRACES_SAMPLER: name,
    OTEL_TRACES_SAMPLER_ARG: of,
    OTEL_BSP_MAX_QUEUE_SIZE: '1',
  });

  it('takes new traces by its ratio, and of these all processes take the same', async () => {
    const processes: Telemetry[] = [];
    for (const one of ['0.2', '0.2', '0.1']) {
      processes.push(await telemetryWith(ratio('traceidratio', one)));
    }
    const [gateway, stream, sparing] = processes.map(({ tracing }) => tracing);
    const taken = Array.from({ length: 5000 }, () => gateway?.start('POST', {})?.spanContext()).filter(
      (context) => context !== undefined,
    );
    // Beyond five standard deviations once in a million runs.
    expect(taken.length / 5000).toBeGreaterThan(0.17);
    expect(taken.length / 5000).toBeLessThan(0.23);
    expect(new Set(taken.map(({ traceId }) => traceId)).size).toBe(taken.length);
    for (const context of taken) {
      expect(spanContextOf(traceparentOf(context))).toMatchObject({
        traceId: context.traceId,
        traceFlags: 1,
      });
      expect(stream?.start('send', {}, context)?.spanContext().traceId).toBe(context.traceId);
      expect(stream?.start('process', { links: [{ context }] })).toBeDefined();
    }
    const both = taken.filter((context) => sparing?.start('send', {}, context) !== undefined);
    expect(both.length / taken.length).toBeGreaterThan(0.35);
    expect(both.length / taken.length).toBeLessThan(0.65);
    await Promise.all(processes.map((one) => one.close()));
  });

  it('looks at the bits that others look at', async () => {
    const telemetry = await telemetryWith(ratio('traceidratio', '0.5'));
    const start = (low: string) => {
      const traceId = `${'0'.repeat(16)}${low}`;
      return telemetry.tracing?.start('send', {}, { traceId, spanId: caller, traceFlags: 0 });
    };
    // As Python does: the last 64 bits, most significant first.
    expect(start('7fffffffffffffff')).toBeDefined();
    expect(start('8000000000000000')).toBeUndefined();
    await telemetry.close();
  });

  it('leaves it to the caller where it is based on parents', async () => {
    const telemetry = await telemetryWith(ratio('parentbased_traceidratio', '0'));
    const below = (traceFlags: number) =>
      telemetry.tracing?.start('send', {}, { traceId: trace, spanId: caller, traceFlags });
    expect([below(1) === undefined, below(0) === undefined]).toEqual([false, true]);
    expect(telemetry.tracing?.start('POST', {})).toBeUndefined();
    await telemetry.close();
  });

  it('makes no span of what it does not take, which would cost every request', async () => {
    const made = vi.spyOn(TracerProvider.prototype, 'getTracer');
    const telemetry = await telemetryWith(ratio('traceidratio', '0'));
    const tracer = made.mock.results[0]?.value ?? expect.fail('no tracer');
    const start = vi.spyOn(tracer, 'startSpan');
    telemetry.tracing?.start('POST', {});
    telemetry.tracing?.start('send', {}, { traceId: trace, spanId: caller, traceFlags: 1 });
    expect(start).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    await telemetry.close();
  });
});

describe('the settings of traces', () => {
  it.each([
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, /OTEL_TRACES_SAMPLER is sometimes.*traceidratio/],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' },
      /OTEL_TRACES_SAMPLER_ARG is 2: give a number from 0 to 1/,
    ],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: 'many' }, /OTEL_BSP_MAX_QUEUE_SIZE is many/],
    [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' }, /name http\/json or http\/protobuf/],
  ])('are refused where they make no sense: %o', async (environment, message) => {
    await expect(telemetryWith(environment)).rejects.toThrow(message);
  });

  it('choose protocol buffers', async () => {
    const protobuf = await startOtlpReceiver();
    const telemetry = await telemetryWith({
      OTEL_EXPORTER_OTLP_ENDPOINT: protobuf.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    });
    telemetry.tracing?.start('a span', {})?.end();
    await telemetry.close();
    expect(protobuf.received).toMatchObject([
      { path: '/v1/traces', type: 'application/x-protobuf', body: expect.stringContaining('a span') },
    ]);
    protobuf.close();
  });
});

describe('a traceparent', () => {
  it('is read and written as W3C Trace Context says', () => {
    for (const one of [sampled, notSampled]) {
      expect(traceparentOf(spanContextOf(one) ?? expect.fail(one))).toBe(one);
    }
    // Later versions may add fields, and flags that are not known are not handed on.
    expect(spanContextOf(`01-${trace}-${caller}-03-more`)).toMatchObject({ traceFlags: 1 });
    for (const wrong of [
      `${sampled}-more`,
      `ff-${trace}-${caller}-01`,
      `00-${'0'.repeat(32)}-${caller}-01`,
      `00-${trace}-${'0'.repeat(16)}-01`,
      sampled.toUpperCase(),
      ` ${sampled}`,
      '',
      undefined,
    ]) {
      expect(spanContextOf(wrong), wrong).toBeUndefined();
    }
  });
});
