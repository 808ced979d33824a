/**
 * Traces of a process, sent over OTLP where the standard environment variables name a receiver. Spans that are ended wait in
 * a bounded queue (OTEL_BSP_*); those that do not fit are dropped (docs/decisions/traces.md).
 */
import {
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace';
import { isSent, numberIn, protocolOf } from './otlp.ts';

export interface Tracing {
  /**
   * Starts a span below the parent, or a trace. Nothing is active by itself: whoever makes a span hands it on.
   * @returns undefined when it is not sampled
   */
  start(name: string, options: SpanOptions, parent?: SpanContext): Span | undefined;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

/** @returns undefined when no receiver is named @throws RangeError for a setting that is not known here */
export async function startTracing(
  resource: Resource,
  environment: NodeJS.ProcessEnv,
): Promise<Tracing | undefined> {
  if (!isSent('TRACES', environment)) {
    return undefined;
  }
  const sdk = await import('@opentelemetry/sdk-trace');
  const most = 2 ** 31 - 1;
  const queued = numberIn(environment, 'OTEL_BSP_MAX_QUEUE_SIZE', 2048, [1, most]);
  const together = numberIn(environment, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, [1, most]);
  const processor = new sdk.BatchSpanProcessor({
    exporter: await exporterOf(environment),
    maxQueueSize: queued,
    maxExportBatchSize: Math.min(together, queued),
    scheduledDelayMillis: numberIn(environment, 'OTEL_BSP_SCHEDULE_DELAY', 5000, [0, most]),
    exportTimeoutMillis: numberIn(environment, 'OTEL_BSP_EXPORT_TIMEOUT', 30_000, [0, most]),
  });
  const sampler = followingLinks(samplerOf(sdk, environment));
  const provider = new sdk.TracerProvider({ resource, sampler, spanProcessors: [processor] });
  const tracer = provider.getTracer('pinterest-pipeline');
  return {
    start: (name, options, parent) => {
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
      const span = tracer.startSpan(name, options, context);
      return span.isRecording() ? span : undefined;
    },
    close: () => provider.shutdown(),
  };
}

/** Ends a span with the reason why its work failed. */
export function endWithError(span: Span, type: string, message?: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
  span.end();
}

/** The exporters take time to load, and most processes send nothing. */
async function exporterOf(environment: NodeJS.ProcessEnv): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocolOf('TRACES', environment) === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

function samplerOf(sdk: typeof import('@opentelemetry/sdk-trace'), environment: NodeJS.ProcessEnv): Sampler {
  const { OTEL_TRACES_SAMPLER: name = '' } = environment;
  const root = (of: string): Sampler => {
    switch (of) {
      case 'always_on':
        return new sdk.AlwaysOnSampler();
      case 'always_off':
        return new sdk.AlwaysOffSampler();
      case 'traceidratio':
        return new sdk.TraceIdRatioBasedSampler(numberIn(environment, 'OTEL_TRACES_SAMPLER_ARG', 1, [0, 1]));
      default:
        throw new RangeError(
          `OTEL_TRACES_SAMPLER is ${name}, which is not known here: name always_on, always_off or traceidratio, or one of them after parentbased_.`,
        );
    }
  };
  const [, parentBased, of = ''] = /^(parentbased_)?(.*)$/.exec(name || 'parentbased_always_on') ?? [];
  return parentBased === undefined ? root(of) : new sdk.ParentBasedSampler({ root: root(of) });
}

/** A span that only links to others is sampled as if it were a child of the first of them. */
function followingLinks(sampler: Sampler): Sampler {
  return {
    shouldSample: (context, traceId, name, kind, attributes, links) => {
      const [first] = links;
      return first === undefined
        ? sampler.shouldSample(context, traceId, name, kind, attributes, links)
        : sampler.shouldSample(
            trace.setSpanContext(context, first.context),
            first.context.traceId,
            name,
            kind,
            attributes,
            links,
          );
    },
    toString: () => sampler.toString(),
  };
}
