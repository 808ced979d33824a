/**
 * Traces of a process, sent over OTLP where the standard environment variables name a receiver. Spans that are ended wait in
 * a bounded queue (OTEL_BSP_*); those that do not fit are dropped (docs/decisions/traces.md).
 */
import { randomBytes } from 'node:crypto';
import {
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
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
  const isSampled = samplerOf(environment);
  let number = 0;
  const provider = new sdk.TracerProvider({
    resource,
    // Sampled before it comes here: to make a span that is not costs a request two hundredths of its time.
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: {
      generateTraceId: () => `${hex(8)}${number.toString(16).padStart(8, '0')}${hex(4)}`,
      generateSpanId: () => hex(8),
    },
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('pinterest-pipeline');
  return {
    start: (name, options, parent) => {
      number = Math.floor(Math.random() * 2 ** 32);
      // One that only links to others is sampled as if it were a child of the first of them.
      if (!isSampled(parent ?? options.links?.[0]?.context, number)) {
        return undefined;
      }
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
      return tracer.startSpan(name, options, context);
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

/** Tells whether a span is sampled: below another, or of a new trace with a number of 32 random bits. */
type IsSampled = (parent: SpanContext | undefined, number: number) => boolean;

/**
 * The samplers of the standard. That of a ratio looks at the first 32 of a trace's last 64 bits, as Python's does: so all processes
 * take the same traces. A new trace is given the number that was looked at.
 */
function samplerOf(environment: NodeJS.ProcessEnv): IsSampled {
  const { OTEL_TRACES_SAMPLER: name = '' } = environment;
  const root = (of: string): IsSampled => {
    switch (of) {
      case 'always_on':
        return () => true;
      case 'always_off':
        return () => false;
      case 'traceidratio': {
        const bound = numberIn(environment, 'OTEL_TRACES_SAMPLER_ARG', 1, [0, 1]) * 2 ** 32;
        return (parent, number) =>
          (parent === undefined ? number : Number.parseInt(parent.traceId.slice(16, 24), 16)) < bound;
      }
      default:
        throw new RangeError(
          `OTEL_TRACES_SAMPLER is ${name}, which is not known here: name always_on, always_off or traceidratio, or one of them after parentbased_.`,
        );
    }
  };
  const [, parentBased, of = ''] = /^(parentbased_)?(.*)$/.exec(name || 'parentbased_always_on') ?? [];
  const ofRoot = root(of);
  return parentBased === undefined
    ? ofRoot
    : (parent, number) =>
        parent === undefined ? ofRoot(parent, number) : (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
