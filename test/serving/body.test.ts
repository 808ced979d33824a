import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { MemoryBudget, readBody } from '../../pipeline/serving/body.ts';
import { Refused } from '../../pipeline/serving/refused.ts';

const limits = { maximumBytes: 1_000_000, budget: new MemoryBudget(1_000_000) };

/** A request whose body comes in a callback of its own, as from a socket; all of one turn come in one turn. */
function requestOf(body: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  setImmediate(() => {
    request.push(body);
    request.complete = true;
    request.push(null);
  });
  return request;
}

function work(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {}
}

it('bodies that come at once are taken in their order, leave the event loop its turns, and wait for a second at most', async () => {
  let turns = 0;
  let isWatching = true;
  const watch = () => {
    turns += 1;
    if (isWatching) {
      setImmediate(watch);
    }
  };
  setImmediate(watch);
  const taken: string[] = [];
  const turnsOf = new Set<number>();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, async (_, index) => {
      const body = await readBody(requestOf(String(index)), limits);
      taken.push(String(body));
      turnsOf.add(turns);
      work(30);
    }),
  );
  isWatching = false;
  expect(taken).toEqual(taken.toSorted((a, b) => Number(a) - Number(b)));
  // Each takes more than its share of a turn, so that no turn has more than one of its beginning and one of its end.
  expect(turnsOf.size).toBeGreaterThanOrEqual(taken.length / 2);
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refused.length).toBe(50 - taken.length);
  expect(refused.length).toBeGreaterThan(0);
  for (const reason of refused) {
    expect(reason).toBeInstanceOf(Refused);
    expect(reason).toMatchObject({ statusCode: 503, retryAfterSeconds: 1 });
  }
});

it('a body whose caller has left while it waited is not taken', async () => {
  const [first, second] = [requestOf('first'), requestOf('second')];
  const outcomes = await Promise.allSettled([
    readBody(first, limits).then(() => {
      work(30);
      second.socket.destroy();
    }),
    readBody(second, limits),
  ]);
  expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { reason: { statusCode: 400 } }]);
});
