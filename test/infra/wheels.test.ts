import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { airflowPackages } from '../../infra/airflow/requirements.ts';
import { packWheels } from '../../infra/airflow/wheels.ts';
import { temporaryFolder } from '../support/folder.ts';

const run = promisify(execFile);

describe('the wheels of a private web server', () => {
  it('refuses a Python of another kind than the image has', async () => {
    const folder = temporaryFolder();
    const python = join(folder, 'python');
    await writeFile(python, "#!/bin/sh\necho 'darwin arm64 3.12'\n");
    await chmod(python, 0o755);
    await expect(packWheels(folder, '2.11.0', python)).rejects.toThrow(
      'is darwin arm64 3.12, and the image of MWAA is linux x86_64 3.12. It takes a Python 3.12 with pip',
    );
  });

  it('says which command is missing', async () => {
    const folder = temporaryFolder();
    await expect(packWheels(folder, '3.0.6', join(folder, 'python'))).rejects.toThrow('there is no command');
  });

  // Downloads 120 MB a version and takes a minute each: WHEELS=python3.12 npx vitest run test/infra/wheels.test.ts
  describe.skipIf(process.env.WHEELS === undefined)('installs without an index', () => {
    const python = process.env.WHEELS ?? '';
    it.each(['2.11.0', '3.0.6'] as const)('what Airflow %s needs', async (version) => {
      const folder = temporaryFolder();
      const zip = await packWheels(folder, version, python);
      await run(python, ['-m', 'zipfile', '-e', zip, join(folder, 'plugins')]);
      await run(python, ['-m', 'venv', join(folder, 'venv')]);
      const constraints = new URL(`../../infra/airflow/constraints-${version}.txt`, import.meta.url);
      const { stdout } = await run(join(folder, 'venv', 'bin', 'python'), [
        ...['-m', 'pip', 'install', '--dry-run', '--no-index', '--find-links', join(folder, 'plugins')],
        ...['--constraint', fileURLToPath(constraints), ...airflowPackages[version]],
      ]);
      expect(stdout).toContain('Would install');
      expect(stdout).toContain('apache-airflow-providers-databricks');
    });
  });
});
