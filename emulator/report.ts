/** The report of an emulation for a person: one line that is kept up to date on a terminal, plain lines elsewhere. */
import { type LineOutput, showStatusLine } from '../pipeline/ui/terminal/status_line.ts';
import type { Emulation, EmulationSnapshot } from './emulate.ts';

/** Between two lines where there is no terminal. */
const plainMilliseconds = 5000;

/** Shows how an emulation stands until it is stopped. @returns the function that stops it */
export function reportOn(emulation: Pick<Emulation, 'snapshot'>, output: LineOutput): () => void {
  return showStatusLine(() => statusLine(emulation.snapshot()), output, plainMilliseconds);
}

/** One line: counts, rate, latency, failures. */
export function statusLine({ posts, rate, latency, failures, retries, paused }: EmulationSnapshot): string {
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return [
    paused ? 'paused' : `${rate.toFixed(1)} posts/s`,
    `${posts.sent} sent`,
    `${posts.inFlight} in flight`,
    ...(latency ? [`p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms`] : []),
    `${failed} failures, ${retries} sent again`,
    ...(posts.unsent > 0 ? [`${posts.unsent} not sent`] : []),
  ].join(' | ');
}

/** The lines that remain to be printed at the end. */
export function summaryOf(snapshot: EmulationSnapshot): string {
  const { posts, events, seconds, latency, failures } = snapshot;
  const lines = [
    `${posts.sent} posts sent (${events.sent} events) in ${seconds.toFixed(1)} s, ${(posts.sent / seconds).toFixed(1)} posts/s.`,
    ...(latency
      ? [`From due to arrived: p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms.`]
      : []),
    ...Object.entries(failures).map(([reason, count]) => `Failed requests: ${count} × ${reason}.`),
    ...(posts.unsent > 0 ? [`${posts.unsent} posts not sent, or not wholly (${events.unsent} events).`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
