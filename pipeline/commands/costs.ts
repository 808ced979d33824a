import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { costsTable, switchesOf, switchesTable } from '../../infra/tools/costs/markdown.ts';
import { bronzeMonthly, monthlyCosts } from '../../infra/tools/costs/month.ts';
import { settingsOfStack } from '../../infra/tools/graph/stack_file.ts';
import { option, runCommand, text } from './settings.ts';

const folder = fileURLToPath(new URL('../../infra', import.meta.url));

export const ended = runCommand(
  {
    name: 'costs',
    does: 'Sums what a stack costs a month while nothing flows, by the prices in infra/tools/costs/prices.ts.',
    options: z.object({ stack: option('STACK', 'the stack, such as dev', text) }),
  },
  async ({ stack }) => {
    const file = join(folder, `Pulumi.${stack}.yaml`);
    const content = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new Error(`There is no stack "${stack}": ${file} cannot be read.`, { cause: error });
    });
    const settings = settingsOfStack(content, stack);
    process.stdout.write(`${switchesTable(switchesOf(stack, settings))}\n`);
    process.stdout.write(costsTable(stack, monthlyCosts(settings)));
    const bronze = bronzeMonthly(settings);
    if (bronze !== undefined) {
      process.stdout.write(
        `\nOn top, for each GB of lines that lands a day: bronze, up to $${bronze.toFixed(2)} a month after ` +
          `${settings.lake.bronzeDays} days (lake.bronzeDays).\n`,
      );
    }
  },
);
