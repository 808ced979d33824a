import { existsSync, readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { startTelemetry } from '../../pipeline/telemetry/telemetry.ts';
import { Clock } from '../support/clock.ts';
import { suiteFolder } from '../support/folder.ts';
import { fieldsNamed, type OtlpReceiver, spansIn, startOtlpReceiver } from '../support/otlp_receiver.ts';
import { type NodeProcess, runCommand, startCommand } from '../support/process.ts';
import { parsePrometheus, type Sample } from '../support/prometheus.ts';

const folder = suiteFolder('telemetry');
let receiver: OtlpReceiver;
let gateway: NodeProcess;
let gatewayUrl = '';
let clock: Clock;
let otlp: NodeJS.ProcessEnv;
beforeAll(async () => {
  clock = new Clock(`${folder}/clock`);
  receiver = await startOtlpReceiver();
  otlp = {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  gateway = startCommand(`gateway --log embedded:${folder}/log --port 0`, {
    env: { ...otlp, ...clock.env, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' },
  });
  await gateway.says('The API listens on');
  [, gatewayUrl = ''] = /(http:\S+)/.exec(gateway.said.output) ?? [];
  for (const api of ['kafka', 'kinesis']) {
    const sent = await runCommand(
      `emulate --to ${gatewayUrl} --api ${api} --count 20 --rate 1000 --unsent ${folder}/unsent.jsonl`,
      { env: otlp },
    );
    expect(sent.status).toBe(0);
  }
});
afterAll(() => {
  gateway.kill();
  receiver.close();
});

/** The names of all metrics that a process has told. */
const seen = new Set<string>();

async function metricsOf(url: string): Promise<readonly Sample[]> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const samples = parsePrometheus(await response.text());
  for (const { name } of samples) {
    seen.add(name);
  }
  return samples;
}

function sampleOf(
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  return samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value;
}

describe('the metrics of a gateway', () => {
  it('count requests by path template and status, and records by topic', async () => {
    await fetch(`${gatewayUrl}/topics/pin/no/such/path`);
    const samples = await metricsOf(gatewayUrl);
    const produced = {
      http_request_method: 'POST',
      http_route: '/topics/{topic}',
      http_response_status_code: '200',
    };
    expect(sampleOf(samples, 'http_server_request_duration_seconds_count', produced)).toBe(60);
    expect(
      sampleOf(samples, 'http_server_request_duration_seconds_count', {
        http_route: '/streams/{stream-name}/record',
        http_response_status_code: '200',
      }),
    ).toBe(60);
    const lost = samples.find(({ labels }) => labels.http_response_status_code === '404');
    expect(lost?.labels).not.toHaveProperty('http_route');
    expect(
      sampleOf(samples, 'messaging_client_sent_messages_total', { messaging_destination_name: 'pin' }),
    ).toBe(20);
    expect(sampleOf(samples, 'process_memory_usage_bytes')).toBeGreaterThan(10_000_000);
  });

  it('go on when the clock is set back', async () => {
    const uptime = async () => sampleOf(await metricsOf(gatewayUrl), 'process_uptime_seconds') ?? 0;
    clock.move(3600);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = await uptime();
    clock.move(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await uptime()).toBeGreaterThan(before);
  });

  it('are sent over OTLP, with the resource that the environment names', async () => {
    while (!fieldsNamed(receiver.received, 'name').includes('http.server.request.duration')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const resources = JSON.stringify(fieldsNamed(receiver.received.at(-1), 'resource'));
    expect(resources).toContain('pinterest-gateway');
    expect(resources).toContain('deployment.environment.name');
    expect(new Set(receiver.received.map(({ path }) => path))).toContain('/v1/metrics');
  });
});

describe('the protocol of OTLP', () => {
  it('is that which the environment names', async () => {
    const protobuf = await startOtlpReceiver();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', protobuf.url);
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf');
    await (await startTelemetry('test')).close();
    const [last] = protobuf.received.slice(-1);
    expect(last).toMatchObject({ path: '/v1/metrics', type: 'application/x-protobuf' });
    expect(last?.body).toContain('process.memory.usage');
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc');
    await expect(startTelemetry('test')).rejects.toThrow('name http/json or http/protobuf');
    vi.unstubAllEnvs();
    protobuf.close();
  });
});

describe('the metrics of a stream', () => {
  it('count events by outcome, and tell lag, times and Delta tables', async () => {
    const stream = startCommand(`stream --from embedded:${folder}/log --lake ${folder}/lake --page-port 0`, {
      env: otlp,
    });
    await stream.says('Page: ');
    const [, url = ''] = /Page: (\S+)\//.exec(stream.said.output) ?? [];
    let samples = await metricsOf(url);
    const kept = { pinterest_dataset: 'pin', pinterest_outcome: 'kept' };
    while (sampleOf(samples, 'pinterest_stream_events_total', kept) !== 20) {
      samples = await metricsOf(url);
    }
    const partition = {
      messaging_destination_name: 'streaming-pin',
      messaging_destination_partition_id: '0',
    };
    expect(sampleOf(samples, 'pinterest_stream_lag_records', partition)).toBe(0);
    expect(sampleOf(samples, 'pinterest_stream_lag_time_seconds', partition)).toBe(0);
    expect(
      sampleOf(samples, 'pinterest_stream_batch_duration_seconds_count', { pinterest_dataset: 'pin' }),
    ).toBeGreaterThan(0);
    const silver = { pinterest_dataset: 'pin', pinterest_table: 'silver' };
    expect(sampleOf(samples, 'pinterest_stream_commit_duration_seconds_count', silver)).toBeGreaterThan(0);
    expect(sampleOf(samples, 'pinterest_delta_version', silver)).toBeGreaterThan(0);
    expect(sampleOf(samples, 'pinterest_delta_files', silver)).toBeGreaterThan(0);
    expect(sampleOf(samples, 'pinterest_delta_size_bytes', silver)).toBeGreaterThan(100);
    stream.kill('SIGTERM');
    expect((await stream.ended).status).toBe(0);
  });
});

describe('the metrics of a sink', () => {
  it('count landed records, at a port of their own', async () => {
    const sink = startCommand(
      `sink --from embedded:${folder}/log --landing ${folder}/landing --metrics-port 0 --rotate-seconds 0.2`,
      { env: otlp },
    );
    await sink.until(() => sink.said.errors.includes('/metrics'));
    const [, url = ''] = /Metrics: (\S+)\/metrics/.exec(sink.said.errors) ?? [];
    while (sampleOf(await metricsOf(url), 'pinterest_sink_records_total') !== 60) {}
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    sink.kill('SIGTERM');
    expect((await sink.ended).status).toBe(0);
  });
});

describe('a trace', () => {
  it.each([
    ['sink', 'pin', 'POST /topics/{topic}'],
    ['stream', 'streaming-pin', 'PUT /streams/{stream-name}/record'],
  ])(
    'goes from a request through the log to what the %s commits',
    async (consumer, destination, requested) => {
      const commitsOf = () =>
        spansIn(receiver).filter(
          ({ service, name }) => service === `pinterest-${consumer}` && name === `process ${destination}`,
        );
      while (commitsOf().reduce((sum, { links }) => sum + links.length, 0) < 20) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const spans = spansIn(receiver);
      const find = (spanId: string | undefined) => spans.find((span) => span.spanId === spanId);
      for (const commit of commitsOf()) {
        expect(commit).toMatchObject({ kind: 5, attributes: { 'messaging.system': 'pinterest_embedded' } });
        expect(commit.links).toHaveLength(Number(commit.attributes['messaging.batch.message_count']));
        for (const { traceId, spanId } of commit.links) {
          const append = find(spanId);
          const request = find(append?.parentSpanId);
          const sender = find(request?.parentSpanId);
          expect(append).toMatchObject({ traceId, name: `send ${destination}`, kind: 4 });
          expect(request).toMatchObject({
            traceId,
            service: 'pinterest-gateway',
            name: requested,
            kind: 2,
            attributes: { 'http.response.status_code': 200 },
          });
          expect(sender).toMatchObject({ traceId, service: 'pinterest-emulate', kind: 3 });
          expect(sender).not.toHaveProperty('parentSpanId');
        }
      }
      if (consumer === 'sink') {
        const { attributes } = commitsOf()[0] ?? expect.fail('no landing file');
        expect(existsSync(`${folder}/landing/${attributes['pinterest.landing.path']}`)).toBe(true);
      }
    },
  );
});

describe('the dashboard and the alerts', () => {
  it('are PromQL, as Prometheus’s own grammar reads it', () => {
    const [dashboard, alerts] = ['dashboard.json', 'alerts.yaml'].map((name): unknown =>
      parse(readFileSync(new URL(`../../docs/operation/${name}`, import.meta.url), 'utf8')),
    );
    const queries = [...fieldsNamed(dashboard, 'expr'), ...fieldsNamed(alerts, 'expr')].map(String);
    expect(queries.length).toBeGreaterThan(20);
    const wrong = queries.filter((query) => {
      // Grafana puts a range in the place of its variables.
      let isWrong = false;
      parser.parse(query.replaceAll(/\$\w+/g, '5m')).iterate({
        enter: ({ type }) => {
          isWrong ||= type.isError;
        },
      });
      return isWrong;
    });
    expect(wrong).toEqual([]);
  });

  it('ask for metrics that exist', () => {
    const asked = ['dashboard.json', 'alerts.yaml']
      .map((name) => readFileSync(new URL(`../../docs/operation/${name}`, import.meta.url), 'utf8'))
      .flatMap(
        (text) => text.match(/\b(?:http|messaging|pinterest|process|nodejs)_\w+(?=[[{) ]|"| >| ==)/g) ?? [],
      );
    const metrics = asked.filter(
      (name) => !/^(http_r|messaging_destination|pinterest_(dataset|table|state|outcome)$)/.test(name),
    );
    expect(metrics.length).toBeGreaterThan(30);
    const known = new Set([...seen].flatMap((name) => [name, name.replace(/_(bucket|sum|count)$/, '')]));
    // Nothing was sent by an emulator in this file's processes, and no append has failed.
    const emulated = ['pinterest_emulator_posts_total'];
    expect(metrics.filter((name) => !known.has(name) && !emulated.includes(name))).toEqual([]);
  });
});
