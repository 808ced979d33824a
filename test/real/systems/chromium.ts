/** The system's Chromium, driven by playwright-core, without any network but loopback. */

import { execFileSync } from 'node:child_process';
import { type Browser, chromium as playwright } from 'playwright-core';
import { commandPath, notSetUp } from '../../../pipeline/engines/spark/local/installations.ts';
import type { RealSystem } from './real_system.ts';

export const chromium = {
  name: 'chromium',
  version: () => execFileSync(program() ?? 'chromium', ['--version'], { encoding: 'utf8' }).trim(),
  missing: () => (program() ? undefined : notSetUp('chromium')),
  /** Starts it headless; the caller closes it. */
  start: (): Promise<Browser> => playwright.launch(launchOptions()),
  launchOptions,
} satisfies RealSystem & Record<string, unknown>;

function program(): string | undefined {
  return commandPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
}

/** playwright-core's launch options: the system's program, and no host name but localhost resolved. */
function launchOptions(): { executablePath: string; args: string[] } {
  return {
    executablePath: program() ?? 'chromium',
    args: [
      // Its sandbox needs rights that root in a container lacks; only our own pages are opened.
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  };
}
