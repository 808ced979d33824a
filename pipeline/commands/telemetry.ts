/** Metrics and traces of commands that run for long. */
import type { Readiness } from '../serving/health.ts';
import type { Exposure } from '../serving/server.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { option, port } from './settings.ts';

export const metricsPort = option('P', 'serves /metrics and /health/ready at a port (none)', port.optional());

/** Starts the telemetry of a command. Its libraries take a tenth of a second to load, which `--help` need not wait for. */
export async function telemetryOf(command: string): Promise<Telemetry> {
  const { startTelemetry } = await import('../telemetry/telemetry.ts');
  return startTelemetry(`pinterest-${command}`);
}

/** Serves the metrics of a command that serves nothing else, where a port is given. @returns the function that ends this */
export async function metricsAt(
  port: number | undefined,
  telemetry: Telemetry,
  exposure: Exposure,
  readiness: Readiness,
): Promise<() => Promise<void>> {
  if (port === undefined) {
    return async () => undefined;
  }
  const { startMetricsServer } = await import('../telemetry/serve.ts');
  const server = await startMetricsServer(telemetry, { port, exposure, readiness });
  process.stderr.write(`Metrics: ${server.url}/metrics\n`);
  return () => server.close();
}
