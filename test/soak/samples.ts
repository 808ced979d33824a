/** The metrics of the services of a soak, as time goes on. */
import type { EmulationSnapshot } from '../../emulator/emulate.ts';
import type { Sample as Metric } from '../support/prometheus.ts';
import type { Service } from './service.ts';
import type { Sample } from './soak.ts';

const mebibyte = 1024 * 1024;

export async function sampleOf(
  services: { readonly gateway: Service; readonly stream: Service; readonly sink: Service },
  { posts, seconds }: EmulationSnapshot,
): Promise<Sample> {
  const [gateway, stream, sink] = await Promise.all([
    services.gateway.metrics(),
    services.stream.metrics(),
    services.sink.metrics(),
  ]);
  const memory = (metrics: readonly Metric[]) => {
    const bytes = sumOf(metrics, 'process_memory_usage_bytes');
    return bytes === null ? null : bytes / mebibyte;
  };
  return {
    seconds,
    posts: posts.sent,
    gatewayMemory: memory(gateway),
    streamMemory: memory(stream),
    sinkMemory: memory(sink),
    streamLag: sumOf(stream, 'pinterest_stream_lag_records'),
    sinkLag: sumOf(sink, 'pinterest_sink_lag_records'),
  };
}

function sumOf(metrics: readonly Metric[], name: string): number | null {
  const values = metrics.filter((metric) => metric.name === name).map(({ value }) => value);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
