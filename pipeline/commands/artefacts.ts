import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { packWheels } from '../../infra/airflow/wheels.ts';
import { artefactsFolder } from '../../infra/artefacts/cache.ts';
import { fetchArtefacts } from '../../infra/artefacts/fetch.ts';
import { artefacts } from '../../infra/artefacts/table.ts';
import { flag, option, runCommand, text } from './settings.ts';

const digests = fileURLToPath(new URL('../../infra/artefacts/digests.json', import.meta.url));

export const ended = runCommand(
  {
    name: 'artefacts',
    does: 'Fetches what AWS will install (Kafka, REST proxy, S3 sink, IAM sign-in) by version and SHA-256, for `pulumi up`.',
    options: z.object({
      folder: option('DIR', 'where to (default .artefacts)', text.default(artefactsFolder)),
      wheels: option(
        'VERSION',
        'also the Python packages of this version of Airflow, for a private web server (takes Python 3.12 on Linux)',
        z.enum(['2.11.0', '3.0.6']).optional(),
      ),
      pin: flag('take a file whose digest nobody has recorded, and record it'),
    }),
  },
  async ({ folder, pin, wheels }, signal) => {
    const say = (line: string) => process.stdout.write(`${line}\n`);
    const get = (url: string) => fetch(url, { signal });
    const learnt = await fetchArtefacts(artefacts, { folder, pin, say, get });
    for (const [file, digest] of Object.entries(learnt)) {
      say(`${file} has SHA-256 ${digest}`);
    }
    if (Object.keys(learnt).length > 0) {
      const known: unknown = JSON.parse(await readFile(digests, 'utf8'));
      await writeFile(digests, `${JSON.stringify({ ...Object(known), ...learnt }, null, 2)}\n`);
      say('Recorded in infra/artefacts/digests.json: compare it with what its makers say, and commit it.');
    }
    if (wheels !== undefined) {
      say(`Wheels of Airflow ${wheels}: ${await packWheels(folder, wheels)}`);
    }
    say(`All ${artefacts.length} are in ${folder}.`);
  },
);
