/** Airflow without a server: Python that imports DAGs as Airflow does. */

import { join } from 'node:path';
import * as z from 'zod';
import { notSetUp, stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import { type PythonWorker, runPython, startPython } from '../../../pipeline/engines/spark/local/python.ts';
import { newFolder } from '../../support/folder.ts';
import type { RealSystem } from './real_system.ts';

const imported = z.strictObject({
  dags: z.record(
    z.string(),
    z.array(z.strictObject({ id: z.string(), operator: z.string(), downstream: z.array(z.string()) })),
  ),
  errors: z.record(z.string(), z.string()),
});

/** The DAGs that Airflow finds in a folder: each DAG's tasks, sorted by id, and each file's error. */
export type DagFolder = z.infer<typeof imported>;

/** Both lines of Airflow that a stack may configure. */
export const airflow = airflowOf('airflow');
export const airflow3 = airflowOf('airflow3');

function airflowOf(name: 'airflow' | 'airflow3') {
  return {
    name,
    version: () => stampOf(name) ?? 'Airflow',
    missing: () => (stampOf(name) === undefined ? notSetUp(name) : undefined),
    /** Starts Python with Airflow's settings for a test; `variables` are added, for example AIRFLOW_VAR_… */
    start: (variables: Readonly<Record<string, string>> = {}): PythonWorker =>
      startPython(settings(name, variables)),
    /** Imports the DAGs of a folder through Airflow's DagBag. */
    importDags: (folder: string, variables: Readonly<Record<string, string>> = {}) =>
      importDags(settings(name, variables), folder),
  } satisfies RealSystem & Record<string, unknown>;
}

function settings(environment: string, variables: Readonly<Record<string, string>>) {
  const folder = newFolder('airflow');
  return {
    environment,
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

async function importDags(environment: ReturnType<typeof settings>, folder: string): Promise<DagFolder> {
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
  return imported.parse(await runPython(environment, source, folder));
}
