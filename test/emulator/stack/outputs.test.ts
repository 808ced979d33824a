import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { stackOutputs } from '../../../emulator/stack/outputs.ts';
import { graphOf } from '../../infra/stacks.ts';
import { testFolder } from '../../support/folder.ts';
import { standIns } from './commands.ts';

const folder = testFolder('stack-outputs');
afterEach(() => vi.unstubAllEnvs());

describe('the outputs of a stack', () => {
  // In a graph an API key is masked, as it is in a preview.
  it.each(['dev', 'mount', 'prod'])('are what the program gives for %s', async (stack) => {
    const { outputs } = await graphOf(stack);
    vi.stubEnv('PATH', standIns(folder, { outputs, forwardTo: 1 }));
    const read = await stackOutputs(stack);
    expect(read).toMatchObject({
      region: 'eu-west-1',
      userPrefix: '',
      databaseName: 'pinterest',
      databasePort: 3306,
      tunnelMachine: `pinterest-${stack}-kafka-client`,
    });
    expect(read.apiKey).toBe(stack === 'prod' ? undefined : '[secret]');
    expect(read.apiAuthorisation).toBe(stack === 'prod' ? 'iam' : 'key');
  });

  it('of a stack that is half made are refused by name, without a value', async () => {
    const outputs = { region: 'eu-west-1', apiKey: ['a-secret'] };
    vi.stubEnv('PATH', standIns(folder, { outputs, forwardTo: 1 }));
    const asked = stackOutputs('dev');
    await expect(asked).rejects.toThrow(/stack dev does not say .*apiUrl.*apiKey.*pulumi up/);
    await expect(asked).rejects.not.toThrow('a-secret');
  });

  it('cannot be had where Pulumi fails, and it says why', async () => {
    const file = join(folder, 'pulumi');
    writeFileSync(file, '#!/bin/sh\necho "error: no stack named dev found" >&2\nexit 255\n');
    chmodSync(file, 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    await expect(stackOutputs('dev')).rejects.toThrow(
      'The outputs of the stack dev could not be read: error: no stack named dev found',
    );
  });

  it('cannot be had without Pulumi', async () => {
    vi.stubEnv('PATH', folder);
    await expect(stackOutputs('dev')).rejects.toThrow('there is no pulumi on PATH');
  });
});
