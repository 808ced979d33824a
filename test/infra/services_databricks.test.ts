/** Defaults and refusals of AWS and Databricks that no stand-in shows, each held on the graphs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { notebookSources } from '../../infra/derived.ts';
import { ProviderTypes } from '../../infra/tools/graph/provider_types.ts';
import type { Graph } from '../../infra/tools/graph/record.ts';
import { differenceOf } from '../../infra/tools/preview/difference.ts';
import { graphOf, infraFolder, input, madeBefore, ofType, one, settingsOf } from './stacks.ts';

const job = 'databricks:index/job:Job';
const permissions = 'databricks:index/permissions:Permissions';
const warehouse = 'databricks:index/sqlEndpoint:SqlEndpoint';

describe('what Databricks does by default', () => {
  let dev: Graph;
  let mount: Graph;
  let prod: Graph;
  beforeAll(async () => {
    [dev, mount, prod] = [await graphOf('dev'), await graphOf('mount'), await graphOf('prod')];
  });

  it('a continuous job is stopped and started by Pulumi, and knows its notebook’s digest', () => {
    const source: Readonly<Record<string, string>> = notebookSources();
    const digest = createHash('sha256')
      .update(source.pinterest_streaming_data ?? '')
      .digest('hex');
    for (const graph of [dev, mount, prod]) {
      const streaming = one(graph, job, 'databricks-jobs-streaming');
      expect(streaming.inputs.controlRunState).toBe(true);
      expect(input(streaming, 'tags.notebook')).toBe(digest.slice(0, 16));
      const batch = one(graph, job, 'databricks-jobs-batch');
      expect(batch.inputs).not.toHaveProperty('controlRunState');
      expect(input(batch, 'tags')).not.toHaveProperty('notebook');
    }
  });

  it('the DAG is not paused when Airflow first finds it', () => {
    const dag = readFileSync(join(infraFolder, 'dags', 'pinterest_daily.py'), 'utf8');
    expect(dag).toContain('is_paused_upon_creation=False');
  });

  it('dev needs no cluster but for the stream: the batch and the warehouse are serverless', () => {
    const batch = one(dev, job, 'databricks-jobs-batch');
    expect(batch.inputs).not.toHaveProperty('jobClusters');
    expect(JSON.stringify(batch.inputs.tasks)).not.toContain('jobClusterKey');
    expect(one(dev, job, 'databricks-jobs-streaming').inputs).toHaveProperty('jobClusters');
    expect(one(dev, warehouse, 'databricks-compute').inputs.enableServerlessCompute).toBe(true);
  });

  it('nothing waits for a cluster while pulumi up runs, but the mount', async () => {
    const waiting = (graph: Graph) =>
      graph.nodes
        .filter(
          ({ type, inputs }) =>
            /index\/(cluster:|mount:|sqlTable:|sqlEndpoint:)/.test(type) && inputs.noWait !== true,
        )
        .map(({ type }) => type.split(':')[2]);
    expect(waiting(dev)).toEqual([]);
    expect(waiting(prod)).toEqual([]);
    expect(waiting(await graphOf('prod', { paused: true }))).toEqual([]);
    expect(waiting(mount)).toEqual(['Cluster', 'Mount']);
  });

  it('the one cluster for people is there for its mount, and stays in the list', () => {
    const cluster = 'databricks:index/cluster:Cluster';
    expect(ofType(prod, cluster)).toEqual([]);
    expect(one(mount, cluster, 'databricks-compute').inputs.isPinned).toBe(true);
  });

  it('the warehouses of a shared workspace are changed only where a switch says so', async () => {
    const global = 'databricks:index/sqlGlobalConfig:SqlGlobalConfig';
    expect(ofType(mount, global)).toEqual([]);
    const { databricks } = settingsOf('mount');
    const changed = await graphOf('mount', { databricks: { ...databricks, changeAllWarehouses: true } });
    expect(ofType(changed, global)).toHaveLength(1);
    expect([...madeBefore(changed, one(changed, warehouse, 'databricks-compute'))]).toContain(
      `${global} databricks-compute`,
    );
  });

  it('people may work in a new workspace: admins are assigned, and operate jobs and notebooks', () => {
    const assignment = 'databricks:index/permissionAssignment:PermissionAssignment';
    expect(one(prod, assignment, 'databricks-operators-admins').inputs).toEqual({
      groupName: 'pinterest-admins',
      permissions: ['ADMIN'],
    });
    for (const name of ['batch', 'streaming']) {
      expect(one(prod, permissions, `databricks-operators-${name}`).inputs.accessControls).toContainEqual({
        groupName: 'pinterest-admins',
        permissionLevel: 'CAN_MANAGE_RUN',
      });
    }
    expect(one(prod, permissions, 'databricks-operators-notebooks').inputs).toEqual({
      directoryPath: '/Shared/pinterest-prod',
      accessControls: [{ groupName: 'pinterest-admins', permissionLevel: 'CAN_RUN' }],
    });
  });

  it('an object has one list of permissions, for a second would replace the first', () => {
    for (const graph of [dev, mount, prod]) {
      const objects = ofType(graph, permissions).map(({ inputs: { accessControls: _, ...object } }) =>
        JSON.stringify(object),
      );
      expect(new Set(objects).size).toBe(objects.length);
    }
  });

  it('an external location asks for no file events, which its role has no rights for', () => {
    expect(
      one(prod, 'databricks:index/externalLocation:ExternalLocation', 'databricks-catalog').inputs
        .enableFileEvents,
    ).toBe(false);
  });

  it('MWAA is given all versions that the DAG is tested with, for the version that is configured', async () => {
    const constraints = 'airflow-dags-constraints-txt';
    const object = 'aws:s3/bucketObjectv2:BucketObjectv2';
    const of = (version: string) =>
      readFileSync(join(infraFolder, 'airflow', `constraints-${version}.txt`), 'utf8');
    expect(
      of('2.11.0')
        .split('\n')
        .filter((line) => line.includes('==')).length,
    ).toBeGreaterThan(100);
    const digest = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(one(prod, object, constraints).inputs.sourceHash).toBe(digest(of('2.11.0')));
    const { airflow } = settingsOf('prod');
    const third = await graphOf('prod', { airflow: { ...airflow, version: '3.0.6' } });
    expect(one(third, object, constraints).inputs.sourceHash).toBe(digest(of('3.0.6')));
  });

  it('a changed answer is no change to the cloud’s tables: the batch makes and syncs them', () => {
    for (const graph of [dev, prod]) {
      expect(ofType(graph, 'databricks:index/sqlTable:SqlTable')).toEqual([]);
    }
  });

  it('Databricks’ own bill has a budget in prod, at the account', () => {
    expect(one(prod, 'databricks:index/budget:Budget', 'databricks-workspace')).toMatchObject({
      inputs: {
        displayName: 'pinterest-prod',
        alertConfigurations: [expect.objectContaining({ quantityThreshold: '3000', timePeriod: 'MONTH' })],
      },
      options: { provider: 'pulumi:providers:databricks databricks-workspace-account' },
    });
    expect(ofType(dev, 'databricks:index/budget:Budget')).toEqual([]);
  });

  it('a weekly job keeps the lake’s tables small, which predictive optimization does not see', () => {
    for (const graph of [dev, mount, prod]) {
      const maintenance = one(graph, job, 'databricks-jobs-maintenance');
      expect(input(maintenance, 'schedule')).toMatchObject({
        quartzCronExpression: '0 0 4 ? * 1',
        timezoneId: 'UTC',
        pauseStatus: 'UNPAUSED',
      });
      expect(JSON.stringify(maintenance.inputs.tasks)).toContain('pinterest_maintenance');
    }
  });

  it('a stream’s micro-batch is a minute, where nothing else is said', () => {
    expect(JSON.stringify(one(prod, job, 'databricks-jobs-streaming').inputs.tasks)).toContain(
      '"interval":"60 seconds"',
    );
  });

  it('a changed notebook of the stream changes the job, and nothing is replaced', async () => {
    const types = new ProviderTypes();
    const streaming = one(prod, job, 'databricks-jobs-streaming');
    const edited = {
      ...streaming,
      inputs: { ...streaming.inputs, tags: { ...Object(streaming.inputs.tags), notebook: 'another' } },
    };
    const after = { ...prod, nodes: prod.nodes.map((node) => (node === streaming ? edited : node)) };
    const { changed } = differenceOf(prod, after, types);
    expect(changed.map(({ node, replaced }) => [node.name, replaced])).toEqual([
      ['databricks-jobs-streaming', false],
    ]);
  });
});
