import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readStackFile } from '../../infra/tools/graph/stack_file.ts';
import { temporaryFolder } from '../support/folder.ts';
import { infraFolder } from './stacks.ts';

/** Dev's file in a folder of its own, with one thing replaced. */
function changed(what: string, by: string): string {
  const folder = temporaryFolder('stack-file');
  const text = readFileSync(join(infraFolder, 'Pulumi.dev.yaml'), 'utf8');
  expect(text).toContain(what);
  writeFileSync(join(folder, 'Pulumi.dev.yaml'), text.replace(what, by));
  return folder;
}

it('reads a stack’s file as `pulumi config set` leaves it, where every plain value is text', async () => {
  const folder = changed('pinterest-pipeline:paused: false', 'pinterest-pipeline:paused: "true"');
  const { configuration } = await readStackFile(folder, 'dev');
  expect(configuration['pinterest-pipeline:paused']).toBe('true');
});

it('leaves encrypted secrets unread', async () => {
  const folder = changed(
    'config:\n',
    'config:\n  pinterest-pipeline:databricksClientSecret:\n    secure: AAABANiEncrypted\n',
  );
  const { configuration, secretKeys } = await readStackFile(folder, 'dev');
  expect(secretKeys).toEqual(['pinterest-pipeline:databricksClientSecret']);
  expect(JSON.stringify(configuration)).not.toContain('AAABANiEncrypted');
});

it('refuses what the program would refuse', async () => {
  const folder = changed('pinterest-pipeline:paused: false', 'pinterest-pipeline:paused: "perhaps"');
  await expect(readStackFile(folder, 'dev')).rejects.toThrow('paused must be a boolean');
});
