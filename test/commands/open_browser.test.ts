import { expect, it } from 'vitest';
import { openingCommand } from '../../pipeline/commands/open_browser.ts';

it('openingCommand is null unless the machine is a desktop', () => {
  expect(openingCommand('darwin', {})).toEqual(['open']);
  expect(openingCommand('win32', {})).toEqual(['explorer.exe']);
  expect(openingCommand('linux', { DISPLAY: ':0' })).toEqual(['xdg-open']);
  expect(openingCommand('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open']);
  expect(openingCommand('linux', {})).toBeNull();
  expect(openingCommand('darwin', { SSH_CONNECTION: '10.0.0.1 22' })).toBeNull();
  expect(openingCommand('linux', { DISPLAY: ':0', CI: 'true' })).toBeNull();
});
