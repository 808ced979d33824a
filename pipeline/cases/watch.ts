/** Runs something again whenever a definition or a case changes. */
import { watch } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Editors write a file in several steps. */
const settledMilliseconds = 200;

/**
 * Runs once, and again after each change of a file below the folders, until the signal is aborted. Changes during a run lead
 * to one more.
 */
export async function runOnChange(
  folders: readonly string[],
  run: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let wake = new AbortController();
  const watchers = folders.map((folder) =>
    watch(folder, { recursive: true }, (_, file) => {
      if (file === null || /\.(ts|yaml)$/.test(file)) {
        wake.abort();
      }
    }),
  );
  try {
    while (!signal.aborted) {
      wake = new AbortController();
      await run();
      await untilAborted(AbortSignal.any([signal, wake.signal]));
      await pause(settledMilliseconds);
    }
  } finally {
    for (const watcher of watchers) {
      watcher.close();
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
