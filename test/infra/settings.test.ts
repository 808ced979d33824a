import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSettings, settingFromText } from '../../infra/configuration/settings.ts';
import { infraFolder } from './stacks.ts';

/** The settings of a stack, to break one at a time. */
function settingsOf(stack: string): Record<string, unknown> {
  const { config } = parse(readFileSync(join(infraFolder, `Pulumi.${stack}.yaml`), 'utf8'));
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace('pinterest-pipeline:', ''), value]),
  );
}

/** A stack's settings with the value at a path changed. */
function changed(path: string, value: unknown, stack = 'dev'): Record<string, unknown> {
  const settings = settingsOf(stack);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let group: Record<string, unknown> = settings;
  for (const key of keys) {
    group = Object(group[key]);
  }
  group[last] = value;
  return settings;
}

describe('a stack’s settings', () => {
  it('are those of its file', () => {
    expect(readSettings(settingsOf('dev'), 'dev').kafka.brokers).toBe(2);
  });

  it.each([
    ['accountId', '1234', 'accountId must be the twelve digits of the AWS account'],
    ['region', 'Ireland', 'region must be a region such as eu-west-1'],
    ['network.zones', ['eu-west-1a'], 'network.zones must name two zones or more'],
    [
      'network.zones',
      ['eu-west-1a', 'us-east-1b'],
      'network.zones.1 must be a zone of eu-west-1, named once',
    ],
    ['network.cidr', '10.0.0.0/8', 'network.cidr must be a private block of size /16, such as 10.40.0.0/16'],
    [
      'kafka.version',
      '3.6.0',
      'kafka.version must be 3.9 or later without ZooKeeper, as MSK names it, such as 3.9.x.kraft',
    ],
    ['kafka.brokers', 3, 'kafka.brokers must be a multiple of the 2 zones: MSK puts as many into each'],
    ['lake.bronzeDays', 30, 'lake.bronzeDays must be more than landingDays, 30: the files are there so long'],
    ['kafka.replication', 3, 'kafka.replication must be at most the 2 brokers'],
    ['kafka.largestVolumeGib', 1, 'kafka.largestVolumeGib must be at least volumeGib, 20'],
    ['connector.mostWorkers', 0, 'connector.mostWorkers must be at least fewestWorkers, 1'],
    ['database.backupDays', 0, 'database.backupDays must be 1 or more: backups are not optional'],
    [
      'airflow.version',
      '1.10.12',
      'airflow.version must be a version of Airflow that MWAA has and the DAG is tested on: 2.11.0 or 3.0.6',
    ],
    [
      'databricks.workspace.host',
      'http://x.example/path',
      'databricks.workspace.host must be https:// and a host, with no path',
    ],
    [
      'watching.monthlyBudgetDollars',
      0,
      'watching.monthlyBudgetDollars must be above 0: a budget is required',
    ],
    ['airflow.mostWorkers', 5, 'airflow.mostWorkers must be 1: mw1.micro has one worker'],
    ['paused', 'yes', 'paused must be a boolean, received string'],
    ['kafka.brokers', undefined, 'kafka.brokers is missing: it must be a number'],
    ['kafka.brokerz', 3, 'kafka.brokerz is not a setting; remove it'],
  ])('refuses %s = %j', (path, value, says) => {
    expect(() => readSettings(changed(path, value), 'dev')).toThrow(says);
  });

  it.each([
    ['mount', 'databricks.workspace.machinesRole', undefined, 'must name the IAM role of the workspace'],
    ['mount', 'databricks.batchCompute', 'serverless', 'must be cluster: serverless machines carry no'],
    ['dev', 'databricks.warehouseIdleMinutes', 5, 'must be 10 or more: Databricks refuses less'],
    ['dev', 'databricks.monthlyBudgetDollars', 100, 'has no effect in an existing workspace'],
    ['prod', 'databricks.admins', undefined, 'must name a group of the account'],
    ['prod', 'connector.tasks', 12, 'has no effect where fewestWorkers is less than mostWorkers'],
    ['dev', 'connector.tasks', undefined, 'is missing: a connector of fixed size needs it'],
    ['dev', 'kafka.version', '3.9.x', 'must be 3.9 or later without ZooKeeper'],
    ['dev', 'client.machines', 0, 'must be 1 or more'],
  ])('refuses in %s %s = %j', (stack, path, value, says) => {
    expect(() => readSettings(changed(path, value, stack), stack)).toThrow(`${path} ${says}`);
  });

  it('says all that is wrong at once, and how to change it', () => {
    const settings = { ...changed('owner', ''), accountId: '1' };
    expect(() => readSettings(settings, 'dev')).toThrow(
      /has 2 mistakes:\n.*\n.*\nChange infra\/Pulumi\.dev\.yaml, or: pulumi config set --path/,
    );
  });

  it.each([
    ['paused', 'true', true],
    ['roleSettlingSeconds', '20', 20],
    ['accountId', '123456789012', '123456789012'],
    ['userPrefix', '0123', '0123'],
    ['network', '{"zones":["eu-west-1a"]}', { zones: ['eu-west-1a'] }],
  ])('reads what pulumi config set has written as text: %s %s', (key, text, value) => {
    expect(settingFromText(key, text)).toEqual(value);
  });

  it('refuses mounts in a new workspace, which has none', () => {
    const id = '00000000-0000-4000-8000-00000000000a';
    const settings = changed(
      'databricks.workspace',
      { kind: 'new', accountId: id, metastoreId: id },
      'mount',
    );
    expect(() => readSettings(settings, 'mount')).toThrow('databricks.access must be catalog');
  });
});
