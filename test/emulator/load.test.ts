import { expect, it } from 'vitest';
import { measureGateway } from '../../bench/gateway.ts';
import { measureOverload } from '../../bench/overload.ts';

it('the gateway under load answers everything, and does not grow', async () => {
  const measures = await measureGateway(3, ['embedded']);
  expect(measures).toHaveLength(2);
  for (const { title, errors, requestsPerSecond, memory } of measures) {
    expect(errors, title).toBe(0);
    expect(requestsPerSecond, title).toBeGreaterThan(0);
    // A gateway that kept what it was sent would grow by hundreds of MiB.
    expect(memory[1] - memory[0], title).toBeLessThan(100);
  }
});

it('the gateway answers within seconds under twice the load that it can take, and comes back', async () => {
  const [before, over, afterwards] = await measureOverload(2, 20);
  expect(over?.unanswered).toBe(0);
  expect(over?.takenPerSecond).toBeGreaterThan(0);
  expect(over?.longest).toBeLessThan(15_000);
  // Requests under way hold 128 MiB at most.
  expect((over?.memory ?? 0) - (before?.memory ?? 0)).toBeLessThan(256);
  expect(afterwards?.unanswered).toBe(0);
  // A gateway that still worked on what came before would take next to nothing.
  expect(afterwards?.takenPerSecond).toBeGreaterThan((before?.takenPerSecond ?? 0) / 10);
});
