/** The Python packages that the DAG needs beyond MWAA's own image. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArtefactError, artefactsFolder } from '../artefacts/cache.ts';
import type { Settings } from '../configuration/settings.ts';

type Airflow = Settings['airflow'];

/** Packages that the image of each version lacks, as its constraints name them. */
export const airflowPackages = {
  '2.11.0': ['apache-airflow-providers-databricks==7.4.0'],
  // The Databricks provider imports Flask AppBuilder, which Airflow 3 has no more by itself.
  '3.0.6': ['apache-airflow-providers-databricks==7.7.1', 'apache-airflow-providers-fab==2.4.1'],
} as const satisfies Record<Airflow['version'], readonly string[]>;

/**
 * `requirements.txt`. A private web server reaches no package index: all that it installs comes with `plugins.zip`, which
 * MWAA unpacks into /usr/local/airflow/plugins
 * (https://docs.aws.amazon.com/mwaa/latest/userguide/best-practices-dependencies.html, "Python wheels").
 */
export function requirements({ version, webserver }: Pick<Airflow, 'version' | 'webserver'>): string {
  const lines = [
    '--constraint "/usr/local/airflow/dags/constraints.txt"',
    ...(webserver === 'public' ? [] : ['--find-links /usr/local/airflow/plugins', '--no-index']),
    ...airflowPackages[version],
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
