import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { compareVersions } from '../../infra/tools/preview/compare.ts';
import { kinds } from '../../infra/tools/preview/kinds.ts';
import { markdown } from '../../infra/tools/preview/markdown.ts';
import { overBudget } from '../../infra/tools/preview/money.ts';
import { replaceFile } from '../storage/durable_files.ts';
import { isS3Url } from '../storage/open.ts';
import { showProgress } from '../ui/terminal/progress.ts';
import { endpoint, location } from './location.ts';
import { option, path, runCommand, text } from './settings.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export const ended = runCommand(
  {
    name: 'preview',
    does: 'What a change does to the cloud, the Spark code and the answers, with no account and no Pulumi CLI.',
    options: z.object({
      stack: option('STACK', 'the stack, such as dev', text),
      against: option('REF', 'a git ref, or empty (default: HEAD)', text.default('HEAD')),
      over: option(
        'DIR',
        'compare answers over this folder or s3://bucket/prefix with topics/ (default: 2,000 generated posts)',
        location.optional(),
      ),
      endpoint,
      markdown: option('FILE', 'write the summary here, as Markdown (default: print it)', path.optional()),
      html: option('FILE', 'write the whole effect here, as one page that opens from disk', path.optional()),
      failOn: option(
        'KIND',
        `end with status 1 when a table changes so much: ${kinds.join(', ')}, from the most to the least`,
        z.enum(kinds).optional(),
      ),
    }),
  },
  async ({ stack, against, over, markdown: file, html, failOn }) => {
    const progress = showProgress('Comparing', 'steps');
    const effect = await compareVersions({
      repository,
      stack,
      against,
      over: over === undefined || isS3Url(over) ? over : resolve(over),
      onStep: progress.update,
    }).finally(progress.stop);
    if (html !== undefined) {
      const { page } = await import('../../infra/tools/preview/page/page.ts');
      await replaceFile(html, page(effect));
    }
    await replaceFile(file ?? '/dev/stdout', markdown(effect, html));
    const expensive = overBudget(effect.money);
    if (expensive !== undefined) {
      throw new Error(expensive);
    }
    const severe = effect.kinds.filter(
      ({ kind }) => failOn !== undefined && kinds.indexOf(kind) <= kinds.indexOf(failOn),
    );
    if (severe.length > 0) {
      const named = severe.map(({ table, column }) => (column === undefined ? table : `${table}.${column}`));
      throw new Error(`Of the kind "${failOn}" or graver: ${named.join(', ')}.`);
    }
  },
);
