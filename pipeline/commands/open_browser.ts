/** Opens pages in the user's browser. */

import { spawn } from 'node:child_process';

/**
 * Opens the page where a person works at a desktop: at a terminal, not over SSH, with a display. Elsewhere, and when
 * the desktop cannot open pages, nothing happens: the address was printed.
 */
export function openInBrowser(url: string, { isTTY }: { readonly isTTY?: boolean }): void {
  const command = isTTY === true ? openingCommand(process.platform, process.env) : null;
  if (command !== null) {
    const [name, ...options] = command;
    spawn(name, [...options, url], { detached: true, stdio: 'ignore' })
      .once('error', () => {})
      .unref();
  }
}

/** The command with which a desktop opens pages; null where there is no desktop. */
export function openingCommand(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): readonly [name: string, ...options: string[]] | null {
  const { CI, SSH_CONNECTION, DISPLAY, WAYLAND_DISPLAY } = environment;
  if (CI !== undefined || SSH_CONNECTION !== undefined) {
    return null;
  }
  switch (platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['explorer.exe'];
    default:
      return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : null;
  }
}
