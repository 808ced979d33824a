/** Metrics of an emulation. */
import type { Telemetry } from '../pipeline/telemetry/telemetry.ts';
import type { EmulationSnapshot } from './statistics.ts';

export function observeEmulation(telemetry: Telemetry, snapshot: () => EmulationSnapshot): void {
  telemetry.observe(() => {
    const { posts, failures, latency } = snapshot();
    return [
      {
        name: 'pinterest.emulator.posts',
        unit: '{post}',
        description: 'Posts that ended, by outcome.',
        kind: 'counter',
        values: [
          [posts.sent, { 'pinterest.outcome': 'sent' }],
          [posts.unsent, { 'pinterest.outcome': 'unsent' }],
        ],
      },
      {
        name: 'pinterest.emulator.posts.active',
        unit: '{post}',
        description: 'Posts in flight.',
        kind: 'gauge',
        values: [[posts.inFlight]],
      },
      {
        name: 'pinterest.emulator.request.failures',
        unit: '{request}',
        description: 'Failed requests by reason, whether or not they were sent again.',
        kind: 'counter',
        // The API's words end at the colon; a status or a code is left.
        values: Object.entries(failures).map(([reason, count]) => [
          count,
          { 'error.type': reason.replace(/:.*/s, '') },
        ]),
      },
      {
        name: 'pinterest.emulator.latency',
        unit: 's',
        description: 'From when a post was due until all of it arrived, since the start.',
        kind: 'gauge',
        values:
          latency === null
            ? []
            : [
                [latency.p50 / 1000, { 'pinterest.quantile': '0.5' }],
                [latency.p99 / 1000, { 'pinterest.quantile': '0.99' }],
              ],
      },
    ];
  });
}
