import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { ProviderTypes } from '../../infra/tools/graph/provider_types.ts';
import { answersDifference, tablesIn, withFixture } from '../../infra/tools/preview/answers.ts';
import { answersMarkdown } from '../../infra/tools/preview/answers_markdown.ts';
import { differenceOf } from '../../infra/tools/preview/difference.ts';
import { kinds, tableChanges } from '../../infra/tools/preview/kinds.ts';
import { kindsMarkdown } from '../../infra/tools/preview/kinds_markdown.ts';
import { markdown } from '../../infra/tools/preview/markdown.ts';
import { moneyOf, overBudget } from '../../infra/tools/preview/money.ts';
import { picture } from '../../infra/tools/preview/picture.ts';
import { sparkChanges } from '../../infra/tools/preview/spark_code.ts';
import { emptyVersion, versionIn, withRef } from '../../infra/tools/preview/version.ts';
import { isS3Url } from '../storage/open.ts';
import { endpoint, location } from './location.ts';
import { option, runCommand, text } from './settings.ts';

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
      markdown: option('FILE', 'write it here (default: print it)', text.optional()),
      failOn: option(
        'KIND',
        `end with status 1 when a table changes so much: ${kinds.join(', ')}, from the most to the least`,
        z.enum(kinds).optional(),
      ),
    }),
  },
  async ({ stack, against, over, markdown: file, failOn }) => {
    const after = await versionIn(repository, stack);
    if (after.nodes.length === 0) {
      throw new Error(`There is no stack "${stack}": infra/ has no Pulumi.${stack}.yaml.`);
    }
    const oldOver = (landing: string) =>
      against === 'empty'
        ? { version: emptyVersion, tables: {} }
        : withRef(repository, against, async (path) => {
            const [version, tables] = await Promise.all([versionIn(path, stack), tablesIn(path, landing)]);
            return { version, tables };
          });
    const compare = async (landing: string) => {
      const [old, tables] = await Promise.all([oldOver(landing), tablesIn(repository, landing)]);
      return { old, tables };
    };
    const { old, tables } =
      over === undefined ? await withFixture(compare) : await compare(isS3Url(over) ? over : resolve(over));
    const answers = answersDifference(old.tables, tables);
    const changes = tableChanges(old.version.tables, after.tables, answers);
    const preview = markdown({
      stack,
      against,
      cloud: differenceOf(old.version, after, new ProviderTypes()),
      spark: await sparkChanges(old.version.spark, after.spark),
      picture: picture(after),
      kinds: kindsMarkdown(changes),
      money: moneyOf(old.version.costs, after.costs),
      answers: answersMarkdown(answers, over ?? 'the fixture of 2,000 generated posts'),
    });
    if (file === undefined) {
      process.stdout.write(preview);
    } else {
      await writeFile(file, preview);
    }
    const expensive = after.costs && overBudget(after.costs);
    if (expensive !== undefined) {
      throw new Error(expensive);
    }
    const severe = changes.filter(
      ({ kind }) => failOn !== undefined && kinds.indexOf(kind) <= kinds.indexOf(failOn),
    );
    if (severe.length > 0) {
      const named = severe.map(({ table, column }) => (column === undefined ? table : `${table}.${column}`));
      throw new Error(`Of the kind "${failOn}" or graver: ${named.join(', ')}.`);
    }
  },
);
