/**
 * Metrics and traces of a process by OpenTelemetry: metrics as Prometheus text for whoever asks, and both over OTLP where the
 * standard environment variables name a receiver (OTEL_EXPORTER_OTLP_ENDPOINT and those beside it).
 */
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Count } from './counts.ts';
import type { Histogram, HistogramOptions } from './histogram.ts';
import { Measurements } from './measurements.ts';
import { isSent, protocolOf } from './otlp.ts';
import { processCounts } from './process_metrics.ts';
import { startTracing, type Tracing } from './tracing.ts';

export interface Telemetry {
  /** Tells counts and other values, which are read whenever somebody asks. */
  observe(counts: () => readonly Count[]): void;
  /** Makes a histogram of durations. */
  histogram(options: HistogramOptions): Histogram;
  /** All metrics in Prometheus's text format. */
  prometheus(): Promise<string>;
  /** Undefined where no receiver of traces is named. */
  readonly tracing: Tracing | undefined;
  /** Sends what was not sent yet, for a few seconds at most, and ends. */
  close(): Promise<void>;
}

const closeMilliseconds = 3000;

/**
 * @param service its name, unless OTEL_SERVICE_NAME gives another
 * @throws RangeError for a protocol or a sampler that is not known here
 */
export async function startTelemetry(
  service: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Telemetry> {
  const resource = resourceFromAttributes({ 'service.name': service }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  const measurements = new Measurements();
  measurements.observe(processCounts());
  const metricProducers = [measurements];
  const scraped = new PrometheusExporter({ preventServerStart: true, metricProducers });
  const readers: MetricReader[] = [scraped];
  if (isSent('METRICS', environment)) {
    const interval = Number(environment.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000);
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: await exporterOf(environment),
        metricProducers,
        exportIntervalMillis: interval,
        exportTimeoutMillis: Math.min(interval, Number(environment.OTEL_METRIC_EXPORT_TIMEOUT ?? 30_000)),
      }),
    );
  }
  const metrics = new MeterProvider({ resource, readers });
  const tracing = await startTracing(resource, environment);
  const serializer = new PrometheusSerializer();
  return {
    observe: (counts) => measurements.observe(counts),
    histogram: (options) => measurements.addHistogram(options),
    prometheus: async () => serializer.serialize(withUnits((await scraped.collect()).resourceMetrics)),
    tracing,
    close: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, closeMilliseconds);
      });
      // A receiver that is away must not keep the process.
      await Promise.race([Promise.allSettled([metrics.shutdown(), tracing?.close()]), late]);
      clearTimeout(timer);
    },
  };
}

/** Prometheus's names end in their unit ("Prometheus and OpenMetrics Compatibility"); the exporter leaves that to others. */
function withUnits(metrics: ResourceMetrics): ResourceMetrics {
  return {
    ...metrics,
    scopeMetrics: metrics.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map((metric) => {
        const { name, unit } = metric.descriptor;
        const suffix = unitSuffixes[unit] ?? '';
        return { ...metric, descriptor: { ...metric.descriptor, name: name + suffix } };
      }),
    })),
  };
}

const unitSuffixes: Readonly<Record<string, string>> = { s: '.seconds', By: '.bytes' };

/** The exporters take time to load, and most processes send nothing. */
async function exporterOf(environment: NodeJS.ProcessEnv): Promise<PushMetricExporter> {
  const { OTLPMetricExporter } =
    protocolOf('METRICS', environment) === 'http/json'
      ? await import('@opentelemetry/exporter-metrics-otlp-http')
      : await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter();
}
