import { expect, it } from 'vitest';
import { measureGateway } from '../../bench/gateway.ts';

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
