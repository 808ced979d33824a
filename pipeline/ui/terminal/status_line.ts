/** The output of a status line. */
export interface LineOutput {
  readonly isTTY?: boolean;
  write(line: string): unknown;
}

const refreshMilliseconds = 200;

/**
 * Shows the status of work: on a terminal a line that is overwritten, elsewhere a new line from time to time.
 * @param plainMilliseconds time between two lines where there is no terminal
 * @returns the function that stops it and clears the line
 */
export function showStatusLine(
  line: () => string,
  output: LineOutput,
  plainMilliseconds: number,
): () => void {
  const live = output.isTTY === true;
  const show = () => output.write(live ? `\r\u001b[K${line()}` : `${line()}\n`);
  const timer = setInterval(show, live ? refreshMilliseconds : plainMilliseconds);
  return () => {
    clearInterval(timer);
    if (live) {
      output.write('\r\u001b[K');
    }
  };
}
