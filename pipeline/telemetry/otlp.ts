/** The settings of OTLP, as the specification of OpenTelemetry's environment variables names them. */

export type Signal = 'METRICS' | 'TRACES';

/** Tells whether metrics or traces are sent; other exporters than OTLP are not here. */
export function isSent(signal: Signal, environment: NodeJS.ProcessEnv): boolean {
  const endpoint =
    environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
  const exporter = environment[`OTEL_${signal}_EXPORTER`] || 'otlp';
  return Boolean(endpoint) && exporter.includes('otlp') && environment.OTEL_SDK_DISABLED !== 'true';
}

/** @throws RangeError for a protocol that is not spoken here */
export function protocolOf(signal: Signal, environment: NodeJS.ProcessEnv): 'http/json' | 'http/protobuf' {
  const protocol =
    environment[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ||
    environment.OTEL_EXPORTER_OTLP_PROTOCOL ||
    'http/json';
  if (protocol !== 'http/json' && protocol !== 'http/protobuf') {
    throw new RangeError(
      `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}, which is not spoken here: name http/json or http/protobuf.`,
    );
  }
  return protocol;
}

/** The number of a variable. @throws RangeError when it is none within bounds */
export function numberIn(
  environment: NodeJS.ProcessEnv,
  name: string,
  byDefault: number,
  [least, most]: readonly [number, number],
): number {
  const value = environment[name] || String(byDefault);
  const number = Number(value);
  if (!(number >= least && number <= most)) {
    throw new RangeError(`${name} is ${value}: give a number from ${least} to ${most}.`);
  }
  return number;
}
