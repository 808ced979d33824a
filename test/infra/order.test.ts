import { beforeAll, describe, expect, it } from 'vitest';
import { type Graph, keyOf } from '../../infra/tools/graph/record.ts';
import { graphOf, madeBefore, ofType, one } from './stacks.ts';

describe('what is made before what', () => {
  let dev: Graph;
  let prod: Graph;
  beforeAll(async () => {
    dev = await graphOf('dev');
    prod = await graphOf('prod');
  });

  const topics = ['pin', 'geo', 'user'].map((name) => `aws:msk/topic:Topic kafka-${name}`);

  it.each([
    ['connector', 'aws:mskconnect/connector:Connector', 'connector'],
    ['REST proxy', 'aws:autoscaling/group:Group', 'kafka-client'],
  ])('the topics before the %s', (_, type, name) => {
    expect([...madeBefore(dev, one(dev, type, name))]).toEqual(expect.arrayContaining(topics));
  });

  it('a role’s policy before whoever is told of the role', () => {
    expect(madeBefore(dev, one(dev, 'aws:mskconnect/connector:Connector', 'connector'))).toContain(
      'aws:iam/rolePolicy:RolePolicy connector-role',
    );
  });

  it('the storage credential, then its role, then the location', () => {
    const credential = one(
      prod,
      'databricks:index/storageCredential:StorageCredential',
      'databricks-catalog-lake',
    );
    const role = one(prod, 'aws:iam/role:Role', 'databricks-catalog-lake');
    const policy = one(prod, 'aws:iam/rolePolicy:RolePolicy', 'databricks-catalog-lake');
    const location = one(prod, 'databricks:index/externalLocation:ExternalLocation', 'databricks-catalog');
    expect(madeBefore(prod, role)).toContain(keyOf(credential));
    expect(madeBefore(prod, policy)).toContain(keyOf(role));
    expect(madeBefore(prod, location)).toContain(keyOf(policy));
    expect(madeBefore(prod, credential)).not.toContain(keyOf(role));
  });

  it('a wait after each role that a service checks at once', () => {
    const waited = (graph: Graph) =>
      graph.nodes
        .filter(({ options }) => options.afterCreate !== undefined)
        .map(({ type, name }) => `${type.split(':')[2]} ${name}`);
    expect(waited(prod)).toEqual([
      'InstanceProfile kafka-client',
      'RolePolicy airflow-role',
      'RolePolicy connector-role',
      'RolePolicy databricks-catalog-lake',
      'RolePolicy databricks-catalog-landing',
      'RolePolicy databricks-catalog-streams',
      'RolePolicy databricks-workspace-machines',
      'MetastoreAssignment databricks-workspace',
    ]);
  });

  it('a new workspace with its metastore before anything in it, and all of that by its own provider', () => {
    const provider = 'pulumi:providers:databricks databricks-workspace-provider';
    const made = madeBefore(prod, one(prod, 'pulumi:providers:databricks', 'databricks-workspace-provider'));
    expect(made).toContain('databricks:index/metastoreAssignment:MetastoreAssignment databricks-workspace');
    expect(made).toContain('databricks:index/mwsWorkspaces:MwsWorkspaces databricks-workspace');
    const others = prod.nodes.filter(
      ({ type, options }) => type.startsWith('databricks:') && options.provider !== provider,
    );
    expect(others.map(({ type }) => type.split(':')[2]).sort()).toEqual([
      'Budget',
      'MetastoreAssignment',
      'MwsCredentials',
      'MwsNetworks',
      'MwsStorageConfigurations',
      'MwsWorkspaces',
    ]);
  });

  it('the mount before jobs that read through it', async () => {
    const mount = 'databricks:index/mount:Mount databricks-profile';
    const graph = await graphOf('mount');
    for (const job of ofType(graph, 'databricks:index/job:Job')) {
      expect(madeBefore(graph, job)).toContain(mount);
    }
  });

  it('a new API deployment before the old one goes', () => {
    const deployment = one(dev, 'aws:apigateway/deployment:Deployment', 'api');
    expect(deployment.options).not.toHaveProperty('deleteBeforeReplace');
    expect(deployment.inputs).toHaveProperty('triggers.body', expect.stringMatching(/^[0-9a-f]{64}$/));
  });

  it('names every AWS resource’s provider, so that none is made in the account of the environment', () => {
    const strays = prod.nodes.filter(
      ({ type, options }) => type.startsWith('aws:') && options.provider !== 'pulumi:providers:aws aws',
    );
    expect(strays).toEqual([]);
  });
});
