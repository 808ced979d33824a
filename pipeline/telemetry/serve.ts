/** A server of metrics and health alone, for commands that serve nothing else. */
import { type Readiness, serveHealth } from '../serving/health.ts';
import { type Exposure, HttpServer, withRetryAfter } from '../serving/server.ts';
import { serveMetrics } from './http_metrics.ts';
import type { Telemetry } from './telemetry.ts';

/** @throws when the address cannot be listened on */
export async function startMetricsServer(
  telemetry: Telemetry,
  {
    port,
    exposure,
    readiness,
  }: { readonly port: number; readonly exposure: Exposure; readonly readiness: Readiness },
): Promise<HttpServer> {
  const server = new HttpServer({
    exposure,
    limits: { closeMilliseconds: 500 },
    refuse: (_, reply, refused) =>
      withRetryAfter(reply, refused).code(refused.statusCode).send({ message: refused.message }),
  });
  serveHealth(server, readiness);
  serveMetrics(server, telemetry);
  await server.listen(port);
  return server;
}
