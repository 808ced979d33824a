import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ProviderTypes } from '../../infra/graph/provider_types.ts';
import { differenceOf } from '../../infra/preview/difference.ts';
import { markdown } from '../../infra/preview/markdown.ts';
import { picture } from '../../infra/preview/picture.ts';
import { sparkChanges } from '../../infra/preview/spark_code.ts';
import { emptyVersion, type Version, versionIn, withRef } from '../../infra/preview/version.ts';
import { option, runCommand, text } from './settings.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

await runCommand(
  {
    name: 'preview',
    does: 'What a change does to the cloud and to the Spark code, with no account and no Pulumi CLI.',
    options: z.object({
      stack: option('STACK', 'the stack, such as dev', text),
      against: option('REF', 'a git ref, or empty (default: HEAD)', text.default('HEAD')),
      markdown: option('FILE', 'write it here (default: print it)', text.optional()),
    }),
  },
  async ({ stack, against, markdown: file }) => {
    const before: Version =
      against === 'empty'
        ? emptyVersion
        : await withRef(repository, against, (folder) => versionIn(folder, stack));
    const after = await versionIn(repository, stack);
    if (after.nodes.length === 0) {
      throw new Error(`There is no stack "${stack}": infra/ has no Pulumi.${stack}.yaml.`);
    }
    const preview = markdown({
      stack,
      against,
      cloud: differenceOf(before, after, new ProviderTypes()),
      spark: await sparkChanges(before.spark, after.spark),
      picture: picture(after),
    });
    if (file === undefined) process.stdout.write(preview);
    else await writeFile(file, preview);
  },
);
