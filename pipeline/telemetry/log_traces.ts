/** Spans of what is sent to a log and taken from it (semantic conventions for messaging spans). */
import { type Attributes, type Span, SpanKind } from '@opentelemetry/api';
import type { LandedFile } from '../landing/partition.ts';
import type { NewRecord } from '../log/log.ts';
import type { LogAddress } from '../log/open.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { FinishedBatch } from '../stream/run.ts';
import { spanContextOf, traceparentOf } from './traceparent.ts';
import type { Tracing } from './tracing.ts';

/** The log as `messaging.system`; the conventions have no name for the embedded one. */
export type MessagingSystem = 'kafka' | 'aws_kinesis' | 'pinterest_embedded';

export function messagingSystemOf({ kind }: Pick<LogAddress, 'kind'>): MessagingSystem {
  return ({ embedded: 'pinterest_embedded', kafka: 'kafka', kinesis: 'aws_kinesis' } as const)[kind];
}

/** An append of records that belong to a trace. */
export interface TracedAppend {
  readonly span: Span;
  /** The records, which now name this span. */
  readonly records: readonly NewRecord[];
}

/** Starts the span of an append below the one that its records name; undefined when they name none. */
export function startAppend(
  tracing: Tracing,
  system: MessagingSystem,
  topic: string,
  records: readonly NewRecord[],
): TracedAppend | undefined {
  const parent = spanContextOf(records[0]?.traceparent);
  if (parent === undefined) {
    return undefined;
  }
  const attributes = attributesOf(system, 'send', topic, records.length);
  const span = tracing.start(`send ${topic}`, { kind: SpanKind.PRODUCER, attributes }, parent);
  if (span === undefined) {
    return undefined;
  }
  const traceparent = traceparentOf(span.spanContext());
  return { span, records: records.map((record) => ({ ...record, traceparent })) };
}

/** Makes a span of each landing file: a sink's `onLanded`. */
export function landingTraces(tracing: Tracing | undefined, system: MessagingSystem) {
  return (
    tracing &&
    ((file: LandedFile): void => {
      traceTaken(tracing, file, {
        ...attributesOf(system, 'process', file.topic, file.records),
        'messaging.destination.partition.id': String(file.partition),
        'pinterest.landing.path': file.path,
        'pinterest.landing.size': file.bytes,
      });
    })
  );
}

/** Makes a span of each micro-batch: a stream's `onBatch`. */
export function batchTraces(tracing: Tracing | undefined, system: MessagingSystem) {
  return (
    tracing &&
    ((batch: FinishedBatch, { name }: Dataset): void => {
      traceTaken(tracing, batch, {
        ...attributesOf(system, 'process', batch.stream, batch.records),
        'pinterest.dataset': name,
        'pinterest.batch': batch.number,
      });
    })
  );
}

/** Makes the span of what was just done with records, with links to the spans that sent them; none when there are none. */
function traceTaken(
  tracing: Tracing,
  { traceparents, milliseconds }: Pick<FinishedBatch, 'traceparents' | 'milliseconds'>,
  attributes: MessagingAttributes,
): void {
  const links = traceparents.flatMap((traceparent) => {
    const context = spanContextOf(traceparent);
    return context === undefined ? [] : [{ context }];
  });
  if (links.length > 0) {
    const now = Date.now();
    const startTime = now - milliseconds;
    const name = `process ${attributes['messaging.destination.name']}`;
    tracing.start(name, { kind: SpanKind.CONSUMER, attributes, links, startTime })?.end(now);
  }
}

type MessagingAttributes = Attributes & { readonly 'messaging.destination.name': string };

function attributesOf(
  system: MessagingSystem,
  operation: 'send' | 'process',
  topic: string,
  records: number,
): MessagingAttributes {
  return {
    'messaging.system': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': topic,
    'messaging.batch.message_count': records,
  };
}
