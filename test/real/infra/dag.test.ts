import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { airflowPackages } from '../../../infra/airflow/requirements.ts';
import type { PythonWorker } from '../../../pipeline/engines/spark/local/python.ts';
import { infraFolder } from '../../infra/stacks.ts';
import { airflow, airflow3, describeReal } from '../systems.ts';

const dags = join(infraFolder, 'dags');
const configured = (stack: string): string =>
  parse(readFileSync(join(infraFolder, `Pulumi.${stack}.yaml`), 'utf8')).config['pinterest-pipeline:airflow']
    .version;

const described = z.object({
  version: z.string(),
  errors: z.record(z.string(), z.string()),
  schedule: z.string(),
  isPaused: z.boolean(),
  catchup: z.boolean(),
  activeRuns: z.number(),
  tasks: z.array(
    z.object({
      id: z.string(),
      operator: z.string(),
      connection: z.string(),
      job: z.string(),
      retries: z.number(),
      onFailure: z.string(),
    }),
  ),
});

const versions = [
  ['2.11.0', airflow],
  ['3.0.6', airflow3],
] as const;

describe.each(versions)('the DAG in Airflow %s', (version, system) => {
  describeReal('as the environment runs it', [system], () => {
    let python: PythonWorker;
    let dag: z.infer<typeof described>;
    beforeAll(async () => {
      python = system.start({
        AIRFLOW__PINTEREST__BATCH_JOB_ID: '1234',
        AIRFLOW__PINTEREST__ALARMS_TOPIC: 'arn:aws:sns:eu-west-1:111122223333:alarms',
      });
      dag = described.parse(
        await python.run(
          `
import airflow
from airflow.models import DagBag

def callback(task):
    # Airflow 3 keeps a list of them.
    found = task.on_failure_callback
    return found[0] if isinstance(found, list) else found

bag = DagBag(dag_folder=input, include_examples=False)
dag = bag.dags["pinterest_daily"]
output = {
    "version": airflow.__version__,
    "errors": bag.import_errors,
    "schedule": str(getattr(dag, "schedule_interval", None) or dag.schedule),
    "isPaused": dag.is_paused_upon_creation,
    "catchup": dag.catchup,
    "activeRuns": dag.max_active_runs,
    "tasks": [
        {
            "id": task.task_id,
            "operator": type(task).__name__,
            "connection": task.databricks_conn_id,
            "job": task.json["job_id"],
            "retries": task.retries,
            "onFailure": callback(task).__name__,
        }
        for task in dag.tasks
    ],
}
`,
          dags,
        ),
      );
    });
    afterAll(() => python?.stop());

    it('is imported without error, at the version that is tested', () => {
      expect(dag.errors).toEqual({});
      expect(dag.version).toBe(version);
    });

    it('runs every day from the first on, one at a time, and does not make up for the past', () => {
      expect(dag).toMatchObject({ schedule: '@daily', isPaused: false, catchup: false, activeRuns: 1 });
    });

    it('starts the batch job through the one connection, tries again, and tells when it fails', () => {
      expect(dag.tasks).toEqual([
        {
          id: 'run_batch',
          operator: 'DatabricksRunNowOperator',
          connection: 'databricks_default',
          job: '1234',
          retries: 2,
          onFailure: 'notify_failure',
        },
      ]);
    });

    it('tells the topic of a failed task, with its log', async () => {
      const told = await python.run(`
from types import SimpleNamespace
from unittest.mock import patch

task = SimpleNamespace(dag_id="pinterest_daily", task_id="run_batch", try_number=3, log_url="https://log")
with patch("airflow.providers.amazon.aws.hooks.sns.SnsHook.publish_to_target") as publish:
    callback(dag.tasks[0])({"task_instance": task, "run_id": "daily"})
output = publish.call_args.kwargs
`);
      expect(told).toEqual({
        target_arn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
        subject: 'Airflow: pinterest_daily.run_batch failed',
        message: 'Run daily, try 3. Log: https://log',
      });
    });

    it('finds its connection in Secrets Manager’s shape: a service principal’s OAuth', async () => {
      const connection = await python.run(`
from airflow.models import Connection

made = Connection.from_json('{"conn_type": "databricks", "host": "https://dbc.example", "login": "id", "password": "pw", "extra": {"service_principal_oauth": true}}')
output = {"host": made.host, "login": made.login, "oauth": made.extra_dejson["service_principal_oauth"]}
`);
      expect(connection).toEqual({ host: 'https://dbc.example', login: 'id', oauth: true });
    });

    it('is tested with the versions that MWAA is told to install', async () => {
      const installed = await python.run(`
from importlib.metadata import distributions

output = sorted({f"{one.metadata['Name'].lower().replace('_', '-')}=={one.version}" for one in distributions()})
`);
      const tested = new Set(Array.isArray(installed) ? installed : []);
      expect(readFileSync(join(infraFolder, 'airflow', `constraints-${version}.txt`), 'utf8')).toContain(
        `\napache-airflow==${version}\n`,
      );
      for (const line of airflowPackages[version]) {
        expect(tested).toContain(line);
      }
    });
  });
});

it('every stack configures a version of Airflow that is tested', () => {
  const tested = versions.map(([version]) => version);
  for (const stack of ['dev', 'mount', 'prod']) {
    expect(tested).toContain(configured(stack));
  }
});
