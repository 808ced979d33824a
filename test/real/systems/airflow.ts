/** Airflow without a server: Python that imports DAGs as Airflow does. */

import { join } from 'node:path';
import * as z from 'zod';
import { newFolder } from '../../support/folder.ts';
import { notSetUp, type RealSystem, stampOf } from './installations.ts';
import { type PythonWorker, runPython, startPython } from './python.ts';

const imported = z.strictObject({
  dags: z.record(
    z.string(),
    z.array(z.strictObject({ id: z.string(), operator: z.string(), downstream: z.array(z.string()) })),
  ),
  errors: z.record(z.string(), z.string()),
});

/** The DAGs that Airflow finds in a folder: each DAG's tasks, sorted by id, and each file's error. */
export type DagFolder = z.infer<typeof imported>;

export const airflow = {
  name: 'airflow',
  version: () => stampOf('airflow') ?? 'Airflow',
  missing: () => (stampOf('airflow') === undefined ? notSetUp('airflow') : undefined),
  /** Starts Python with Airflow's settings for a test; `variables` are added, for example AIRFLOW_VAR_… */
  start: (variables: Readonly<Record<string, string>> = {}): PythonWorker => startPython(settings(variables)),
  /** Imports the DAGs of a folder through Airflow's DagBag. */
  importDags,
} satisfies RealSystem & Record<string, unknown>;

function settings(variables: Readonly<Record<string, string>>) {
  const folder = newFolder('airflow');
  return {
    environment: 'airflow',
    folder,
    variables: {
      AIRFLOW_HOME: folder,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__CORE__UNIT_TEST_MODE: 'False',
      AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${join(folder, 'airflow.db')}`,
      AIRFLOW__LOGGING__LOGGING_LEVEL: 'WARNING',
      ...variables,
    },
  };
}

async function importDags(
  folder: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<DagFolder> {
  const source = `
from airflow.models import DagBag

bag = DagBag(dag_folder=input, include_examples=False)
output = {
    "dags": {
        name: [
            {"id": task.task_id, "operator": type(task).__name__, "downstream": sorted(task.downstream_task_ids)}
            for task in sorted(dag.tasks, key=lambda task: task.task_id)
        ]
        for name, dag in bag.dags.items()
    },
    "errors": bag.import_errors,
}
`;
  return imported.parse(await runPython(settings(variables), source, folder));
}
