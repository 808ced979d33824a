/** Progress of long work. */
import type { SingleBar } from 'cli-progress';

/** A progress display. */
export interface Progress {
  update(done: number, of: number): void;
  stop(): void;
}

/** Shows a bar on a terminal, elsewhere a plain line at each tenth. Both go to standard error. */
export function showProgress(
  title: string,
  unit: string,
  output: NodeJS.WriteStream = process.stderr,
): Progress {
  return output.isTTY === true ? bar(title, unit, output) : lines(title, unit, output);
}

function bar(title: string, unit: string, stream: NodeJS.WriteStream): Progress {
  let drawn: SingleBar | undefined;
  let [loading, ended] = [false, false];
  let latest: readonly [done: number, of: number] = [0, 0];
  const load = async () => {
    loading = true;
    const { default: cliProgress } = await import('cli-progress');
    const format = `${title} {bar} {percentage}% of {total} ${unit}, {eta_formatted} to go`;
    const options = { stream, format, clearOnComplete: true };
    if (ended) {
      return;
    }
    drawn = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
    drawn.start(latest[1], latest[0]);
  };
  return {
    update: (done, of) => {
      latest = [done, of];
      if (!loading) {
        void load();
      }
      drawn?.update(done);
    },
    stop: () => {
      ended = true;
      drawn?.stop();
    },
  };
}

function lines(title: string, unit: string, output: NodeJS.WriteStream): Progress {
  let tenths = 0;
  return {
    update: (done, of) => {
      const now = of === 0 ? 10 : Math.floor((done / of) * 10);
      if (now > tenths) {
        tenths = now;
        output.write(`${title}: ${now * 10}% of ${of} ${unit}\n`);
      }
    },
    stop: () => {},
  };
}
