/** Fetches the Python packages of the DAG as wheels, and packs them as `plugins.zip` for a web server without an index. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ArtefactError } from '../artefacts/cache.ts';
import { airflowPackages } from './requirements.ts';

const run = promisify(execFile);

/**
 * Packs the wheels for MWAA's image: Linux on x86, Python 3.12
 * (https://docs.aws.amazon.com/mwaa/latest/userguide/airflow-versions.html).
 * @param python the command of a Python with pip
 * @returns the file
 * @throws ArtefactError with what pip said
 */
export async function packWheels(
  folder: string,
  version: keyof typeof airflowPackages,
  python = 'python3',
): Promise<string> {
  const constraints = fileURLToPath(new URL(`./constraints-${version}.txt`, import.meta.url));
  const wheels = await mkdtemp(join(tmpdir(), 'pinterest-wheels-'));
  const file = join(folder, `airflow-plugins-${version}.zip`);
  const platform = [
    '--only-binary',
    ':all:',
    '--platform',
    'manylinux2014_x86_64',
    '--python-version',
    '3.12',
  ];
  try {
    await run(python, [
      ...['-m', 'pip', 'download', '--quiet', '--dest', wheels, '--constraint', constraints],
      ...platform,
      ...airflowPackages[version],
    ]);
    const found = (await readdir(wheels)).map((name) => join(wheels, name)).sort();
    await run(python, ['-m', 'zipfile', '-c', file, ...found]);
    return file;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new ArtefactError(`The wheels of Airflow ${version} could not be packed: ${said}`, {
      cause: error,
    });
  } finally {
    await rm(wheels, { recursive: true, force: true });
  }
}
