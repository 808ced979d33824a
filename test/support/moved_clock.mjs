/** Moves the clock of a process by the seconds that the file CLOCK_FILE holds, as when somebody sets a machine's clock. */
import { readFileSync } from 'node:fs';

const Real = Date;
let milliseconds = 0;

globalThis.Date = class extends Real {
  constructor(...args) {
    super(...(args.length === 0 ? [Real.now() + milliseconds] : args));
  }

  static now() {
    return Real.now() + milliseconds;
  }
};

setInterval(() => {
  milliseconds = Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) * 1000;
}, 100).unref();
