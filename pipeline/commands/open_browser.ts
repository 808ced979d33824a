/** Opens a page in the browser of the person who has started a command, where there is one. */
import { spawn } from 'node:child_process';

/**
 * Opens the page when a person sits before a desktop: at a terminal, not over SSH, with a display. Elsewhere, and when
 * the desktop cannot open pages, nothing happens: the address was printed.
 */
export function openInBrowser(url: string, { isTTY }: { readonly isTTY?: boolean }): void {
  const program = isTTY === true ? openingProgram(process.platform, process.env) : null;
  if (program !== null) {
    const [name, ...options] = program;
    spawn(name, [...options, url], { detached: true, stdio: 'ignore' })
      .once('error', () => {})
      .unref();
  }
}

/** The program that a desktop opens pages with; null where there is no desktop. */
export function openingProgram(
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
