/** The Python packages that the DAG needs beyond MWAA's own image. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArtefactError, artefactsFolder } from '../artefacts/cache.ts';
import type { Settings } from '../configuration/settings.ts';

type Airflow = Settings['airflow'];

/** The provider that the constraints of each version of Airflow name. */
const databricksProvider = { '2.11.0': '7.4.0', '3.0.6': '7.7.1' } as const satisfies Record<
  Airflow['version'],
  string
>;

/**
 * `requirements.txt`. A private web server reaches no package index: all that it installs comes with `plugins.zip`, which
 * MWAA unpacks into /usr/local/airflow/plugins
 * (https://docs.aws.amazon.com/mwaa/latest/userguide/best-practices-dependencies.html, "Python wheels").
 */
export function requirements({ version, webserver }: Pick<Airflow, 'version' | 'webserver'>): string {
  const lines = [
    '--constraint "/usr/local/airflow/dags/constraints.txt"',
    ...(webserver === 'public' ? [] : ['--find-links /usr/local/airflow/plugins', '--no-index']),
    `apache-airflow-providers-databricks==${databricksProvider[version]}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The wheels of a version, as `npm run artefacts -- --wheels VERSION` leaves them. @throws ArtefactError when missing */
export function pluginsFile(version: Airflow['version'], required: boolean): string {
  const file = join(artefactsFolder, `airflow-plugins-${version}.zip`);
  if (required && !existsSync(file)) {
    throw new ArtefactError(`There is no ${file}: run npm run artefacts -- --wheels ${version} first.`);
  }
  return file;
}
