/** A deployed stack as the emulator sees it: its outputs, as Pulumi keeps them. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';

const run = promisify(execFile);
/** The folder of Pulumi.yaml. */
const program = fileURLToPath(new URL('../..', import.meta.url));

const outputs = z.object({
  region: z.string(),
  userPrefix: z.string(),
  apiUrl: z.url(),
  apiAuthorisation: z.enum(['key', 'iam']),
  /** There where callers send a key; a secret. */
  apiKey: z.string().optional(),
  databaseHost: z.string(),
  databasePort: z.number(),
  databaseName: z.string(),
  databaseSecretArn: z.string(),
  /** The name of the machine that leads to the database; there is none while the stack is paused. */
  tunnelMachine: z.string().optional(),
});

export type StackOutputs = z.output<typeof outputs>;

/** A stack could not be asked, or does not say what is needed. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/**
 * Asks the Pulumi CLI on PATH, which must be signed in to where the stack's state is.
 * @throws StackError; its message never holds what Pulumi printed of secrets
 */
export async function stackOutputs(stack: string): Promise<StackOutputs> {
  const parameters = ['stack', 'output', '--json', '--show-secrets', '--stack', stack, '--cwd', program];
  const { stdout } = await run('pulumi', [...parameters, '--non-interactive']).catch((error: unknown) => {
    throw new StackError(`The outputs of the stack ${stack} could not be read: ${reasonOf(error)}`);
  });
  const read = outputs.safeParse(jsonOf(stdout));
  if (!read.success) {
    // Without the values: one of them is a key.
    const names = read.error.issues.map(({ path }) => path.join('.') || 'all').join(', ');
    throw new StackError(
      `The stack ${stack} does not say what the emulator needs (${names}): has pulumi up come to its end?`,
    );
  }
  return read.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Gives what a command wrote to its standard error, or that the command does not exist. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error) {
    return `there is no ${String(error.path)} on PATH; docs/deploy.md names what must be installed.`;
  }
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? String(error) : said;
}
