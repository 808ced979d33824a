/** Fetches the Python packages of the DAG as wheels, and packs them as `plugins.zip` for a web server without an index. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeFolders } from '../../pipeline/storage/durable_files.ts';
import { ArtefactError } from '../artefacts/cache.ts';
import { airflowPackages } from './requirements.ts';

const run = promisify(execFile);

/** Prints the kind of machine and Python that wheels are built for. */
const describe =
  "import platform, sys; print(sys.platform, platform.machine(), '%d.%d' % sys.version_info[:2])";
/** MWAA's image (https://docs.aws.amazon.com/mwaa/latest/userguide/airflow-versions.html). */
const image = 'linux x86_64 3.12';

/**
 * Packs the wheels for MWAA's image. Some packages, such as python-nvd3 and thrift, are published as sources alone: pip
 * builds them, so this Python must be of the image's kind.
 * @param python the command of a Python with pip
 * @returns the file
 * @throws ArtefactError with what pip said
 */
export async function packWheels(
  folder: string,
  version: keyof typeof airflowPackages,
  python = 'python3.12',
): Promise<string> {
  const constraints = fileURLToPath(new URL(`./constraints-${version}.txt`, import.meta.url));
  await makeFolders(folder);
  const wheels = await mkdtemp(join(folder, '.wheels-'));
  const file = join(folder, `airflow-plugins-${version}.zip`);
  try {
    const { stdout } = await run(python, ['-c', describe]);
    if (stdout.trim() !== image) {
      throw new Error(`${python} is ${stdout.trim()}, and the image of MWAA is ${image}`);
    }
    await run(python, [
      ...['-m', 'pip', 'wheel', '--quiet', '--wheel-dir', wheels, '--constraint', constraints],
      ...airflowPackages[version],
    ]);
    const found = (await readdir(wheels)).map((name) => join(wheels, name)).sort();
    await run(python, ['-m', 'zipfile', '-c', join(wheels, 'plugins.zip'), ...found]);
    await rename(join(wheels, 'plugins.zip'), file);
    return file;
  } catch (error) {
    throw new ArtefactError(
      `The wheels of Airflow ${version} could not be packed: ${reasonOf(error, python)}`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(wheels, { recursive: true, force: true });
  }
}

function reasonOf(error: unknown, python: string): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const needed = `It takes a Python 3.12 with pip on Linux x86-64, as in the container amazonlinux:2023.`;
  if ('code' in error && error.code === 'ENOENT') {
    return `there is no command ${python}. ${needed}`;
  }
  const said = 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? `${error.message}. ${needed}` : said;
}
