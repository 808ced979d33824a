/** The clock of processes that are started with its environment. */
import { writeFileSync } from 'node:fs';

export class Clock {
  readonly env: NodeJS.ProcessEnv;

  /** @param file where the processes look for it */
  constructor(private readonly file: string) {
    this.move(0);
    const module = new URL('./moved_clock.mjs', import.meta.url).href;
    this.env = { NODE_OPTIONS: `--import=${module}`, CLOCK_FILE: file };
  }

  /** Sets the clock so many seconds ahead of the true time; they see it within a tenth of a second. */
  move(seconds: number): void {
    writeFileSync(this.file, String(seconds));
  }
}
