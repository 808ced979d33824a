import { expect, it } from 'vitest';
import { openingProgram } from '../../pipeline/commands/open_browser.ts';

it('opens pages on desktops alone', () => {
  expect(openingProgram('darwin', {})).toEqual(['open']);
  expect(openingProgram('win32', {})).toEqual(['explorer.exe']);
  expect(openingProgram('linux', { DISPLAY: ':0' })).toEqual(['xdg-open']);
  expect(openingProgram('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open']);
  expect(openingProgram('linux', {})).toBeNull();
  expect(openingProgram('darwin', { SSH_CONNECTION: '10.0.0.1 22' })).toBeNull();
  expect(openingProgram('linux', { DISPLAY: ':0', CI: 'true' })).toBeNull();
});
