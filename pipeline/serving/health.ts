/** `/health/live`: the process answers. `/health/ready`: it can serve, or the reason why not. */
import type { HttpServer } from './server.ts';

/** @returns the reason why the server cannot serve now; undefined when it can */
export type Readiness = () => Promise<string | undefined> | string | undefined;

/** An answer is good for so long: a caller in a hurry costs no more than one that is not. */
const checkedMilliseconds = 500;
/** Time after which a dependency that does not answer is not ready. */
const patienceMilliseconds = 2000;

export function serveHealth(server: HttpServer, readiness: Readiness): void {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checked: Promise<string | undefined> = Promise.resolve(undefined);
  server.app.get('/health/live', (_, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'live' }),
  );
  server.app.get('/health/ready', async (_, reply) => {
    if (performance.now() - checkedAt > checkedMilliseconds) {
      checkedAt = performance.now();
      checked = withinPatience(readiness);
    }
    const reason = await checked;
    reply.header('cache-control', 'no-store');
    return reason === undefined
      ? reply.send({ status: 'ready' })
      : reply.code(503).send({ status: 'not ready', message: reason });
  });
}

async function withinPatience(readiness: Readiness): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`No answer within ${patienceMilliseconds} ms.`), patienceMilliseconds);
  });
  try {
    return await Promise.race([(async () => readiness())(), tooLong]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
