/** Where a live line goes. */
export interface LineOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const terminalMilliseconds = 200;

/**
 * Shows how work stands: on a terminal a line that is written over, elsewhere a new line now and then.
 * @param plainMilliseconds between two lines where there is no terminal
 * @returns the function that stops it and takes the line off the terminal
 */
export function showStatusLine(
  line: () => string,
  output: LineOutput,
  plainMilliseconds: number,
): () => void {
  const live = output.isTTY === true;
  const show = () => output.write(live ? `\r\u001b[K${line()}` : `${line()}\n`);
  const timer = setInterval(show, live ? terminalMilliseconds : plainMilliseconds);
  return () => {
    clearInterval(timer);
    if (live) {
      output.write('\r\u001b[K');
    }
  };
}
