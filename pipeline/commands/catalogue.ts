/** `npm run catalogue`: a site of everything that the pipeline holds and answers. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { gatherCatalogue } from '../../infra/tools/catalogue/gather.ts';
import { checkIsCatalogue, siteOf, writeSite } from '../../infra/tools/catalogue/site.ts';
import { checkStack, versionIn } from '../../infra/tools/preview/version.ts';
import { showProgress } from '../ui/terminal/progress.ts';
import { option, path, runCommand, text } from './settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export const ended = runCommand(
  {
    name: 'catalogue',
    does: 'Makes a site that opens from disk: datasets, columns, rules, answers, lineage, cases and places.',
    options: z.object({
      out: option('DIR', 'the folder of the site; an older catalogue there is replaced', path),
      stack: option(
        'STACK',
        'name places in the cloud as this stack does (default: dev)',
        text.default('dev'),
      ),
    }),
  },
  async ({ out, stack }) => {
    const folder = resolve(out);
    await checkIsCatalogue(folder);
    checkStack(root, stack);
    const progress = showProgress('Catalogue', 'steps');
    try {
      // The stack's program runs beside the rest, in a process of its own.
      const declared = versionIn(root, stack).then(({ nodes }) => nodes);
      const files = await siteOf(await gatherCatalogue(root, stack, declared, progress.update));
      await writeSite(folder, files);
      progress.stop();
      process.stdout.write(`Catalogue: ${join(out, 'index.html')}, ${files.size} files.\n`);
    } finally {
      progress.stop();
    }
  },
);
