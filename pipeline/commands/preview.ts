import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { ProviderTypes } from '../../infra/tools/graph/provider_types.ts';
import { answersDifference, tablesIn, withFixture } from '../../infra/tools/preview/answers.ts';
import { answersMarkdown } from '../../infra/tools/preview/answers_markdown.ts';
import { differenceOf } from '../../infra/tools/preview/difference.ts';
import { markdown } from '../../infra/tools/preview/markdown.ts';
import { picture } from '../../infra/tools/preview/picture.ts';
import { sparkChanges } from '../../infra/tools/preview/spark_code.ts';
import { emptyVersion, versionIn, withRef } from '../../infra/tools/preview/version.ts';
import { isS3Url } from '../storage/open.ts';
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
      markdown: option('FILE', 'write it here (default: print it)', path.optional()),
    }),
  },
  async ({ stack, against, over, markdown: file }) => {
    const after = await versionIn(repository, stack);
    if (after.nodes.length === 0) {
      throw new Error(`There is no stack "${stack}": infra/ has no Pulumi.${stack}.yaml.`);
    }
    const compare = async (landing: string) => {
      const old =
        against === 'empty'
          ? { version: emptyVersion, tables: {} }
          : await withRef(repository, against, async (path) => ({
              version: await versionIn(path, stack),
              tables: await tablesIn(path, landing),
            }));
      return { old, tables: await tablesIn(repository, landing) };
    };
    const { old, tables } =
      over === undefined ? await withFixture(compare) : await compare(isS3Url(over) ? over : resolve(over));
    const answers = answersDifference(old.tables, tables);
    const preview = markdown({
      stack,
      against,
      cloud: differenceOf(old.version, after, new ProviderTypes()),
      spark: await sparkChanges(old.version.spark, after.spark),
      picture: picture(after),
      answers: answersMarkdown(answers, over ?? 'the fixture of 2,000 generated posts'),
    });
    if (file === undefined) {
      process.stdout.write(preview);
    } else {
      await writeFile(file, preview);
    }
  },
);
