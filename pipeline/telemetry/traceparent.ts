/** The context of a span as text, as HTTP and records carry it (W3C Trace Context, `traceparent`). */
import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** Reads it as the standard says; undefined for what is none. */
export function spanContextOf(traceparent: unknown): SpanContext | undefined {
  const match =
    typeof traceparent === 'string'
      ? /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(traceparent)
      : null;
  if (match === null) {
    return undefined;
  }
  const [, version, traceId = '', spanId = '', flags = '', more] = match;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(context) && !(version === '00' && more !== undefined) ? context : undefined;
}

export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${String(traceFlags & 1).padStart(2, '0')}`;
}
