import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startEmulation } from '../../../emulator/emulate.ts';
import { createTopics, startGateway } from '../../../emulator/gateway.ts';
import { observeEmulation } from '../../../emulator/metrics.ts';
import { apiSendToKafka } from '../../../emulator/senders/kafka.ts';
import { syntheticSource } from '../../../emulator/sources/synthetic.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { runSink } from '../../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
import { startStream } from '../../../pipeline/stream/run.ts';
import { meteredLog } from '../../../pipeline/telemetry/metered_log.ts';
import { observeSink } from '../../../pipeline/telemetry/sink_metrics.ts';
import { StreamMetrics } from '../../../pipeline/telemetry/stream_metrics.ts';
import { startTelemetry } from '../../../pipeline/telemetry/telemetry.ts';
import { testFolder } from '../../support/folder.ts';
import { describeReal, promtool } from '../systems.ts';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

describeReal('Prometheus’s tool', [promtool], () => {
  it('reads the alerting rules', async () => {
    const rules = pathOf('../../../docs/operation/alerts.yaml');
    const { status, output } = await promtool.run(['check', 'rules', rules]);
    expect(output).toContain('SUCCESS: 10 rules found');
    expect(status).toBe(0);
  });

  it('raises each alert for a sick pipeline, and none for a healthy one', async () => {
    const { status, output } = await promtool.run(['test', 'rules', pathOf('alerts.test.yaml')]);
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it('finds nothing wrong with the metrics of gateway, stream, sink and emulator', async () => {
    const folder = testFolder('promtool');
    const telemetry = await startTelemetry('test', {});
    const log = await EmbeddedLog.open(join(folder, 'log'));
    const topics = datasets.map(({ name }) => name);
    await createTopics(log, topics, 1);
    const gateway = await startGateway({ log: meteredLog(log, telemetry, 'pinterest_embedded'), telemetry });
    const emulation = startEmulation({
      url: gateway.url,
      apis: [apiSendToKafka()],
      datasets,
      source: syntheticSource(datasets, 1),
      count: 5,
    });
    observeEmulation(telemetry, () => emulation.snapshot());
    await emulation.done;
    const sink = runSink({ log, topics, landing: folder });
    observeSink(telemetry, () => sink.progress());
    const metrics = new StreamMetrics(telemetry);
    const stream = startStream({
      log,
      datasets,
      queries: [],
      streams: Object.fromEntries(topics.map((name) => [name, name])),
      lake: join(folder, 'lake'),
      checkpoints: join(folder, 'checkpoints'),
      onStep: metrics.onStep,
    });
    metrics.observe(stream);
    await Promise.all([sink.drain(), stream.drain()]);
    const told = await (await fetch(`${gateway.url}/metrics`)).text();
    await Promise.all([sink.stop(), stream.stop(), gateway.close()]);
    await log.close();
    await telemetry.close();
    expect(told).toMatch(/^pinterest_sink_records_total\S* 15$/m);
    const { status, output } = await promtool.run(['check', 'metrics'], told);
    expect(output).toBe('');
    expect(status).toBe(0);
  });
});
