import cliProgress from 'cli-progress';

/** Shows how far long work has come. */
export interface Progress {
  update(done: number, of: number): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a plain line at each tenth of the way. Both go to standard error. */
export function showProgress(
  what: string,
  unit: string,
  output: NodeJS.WriteStream = process.stderr,
): Progress {
  return output.isTTY === true ? bar(what, unit, output) : lines(what, unit, output);
}

function bar(what: string, unit: string, stream: NodeJS.WriteStream): Progress {
  const drawn = new cliProgress.SingleBar(
    {
      stream,
      format: `${what} {bar} {percentage}% of {total} ${unit}, {eta_formatted} to go`,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let started = false;
  return {
    update: (done, of) => {
      if (!started) {
        drawn.start(of, 0);
        started = true;
      }
      drawn.update(done);
    },
    stop: () => drawn.stop(),
  };
}

function lines(what: string, unit: string, output: NodeJS.WriteStream): Progress {
  let tenths = 0;
  return {
    update: (done, of) => {
      const now = of === 0 ? 10 : Math.floor((done / of) * 10);
      if (now > tenths) {
        tenths = now;
        output.write(`${what}: ${now * 10}% of ${of} ${unit}\n`);
      }
    },
    stop: () => {},
  };
}
