/** A command that does not end when it is told to. */
import * as z from 'zod';
import { runCommand } from '../../pipeline/commands/settings.ts';

const command = { name: 'endless', does: 'Goes on.', endsWithin: 0.2, options: z.object({}) };

await runCommand(command, async (_, signal) => {
  setInterval(() => undefined, 1000);
  process.stdout.write('running\n');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  process.stdout.write('told\n');
  await new Promise(() => undefined);
});
