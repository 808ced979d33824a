import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeReal, pulumi } from '../systems.ts';
import { type AwsProvider, startAwsProvider } from './aws_provider.ts';
import { clientSecret, makeProject, mustSucceed, type Project } from './project.ts';

const policyPack = fileURLToPath(new URL('../../../infra/tools/policies', import.meta.url));
const madeUpSecrets = [clientSecret, 'made-up-oauth-secret', 'made-up-api-key-value'];

describeReal('the program in Pulumi’s engine', [pulumi], () => {
  describe.each([
    ['dev', '111122223333'],
    ['mount', '111122223333'],
    ['prod', '444455556666'],
  ])('%s', (stack, accountId) => {
    let project: Project;
    let aws: AwsProvider;
    let databricks: AwsProvider;
    /** Both providers stand in, or AWS alone while Databricks' own plans. */
    let standIns: string;
    let realDatabricks: string;
    const written: string[] = [];

    beforeAll(async () => {
      const accountRegion = { region: 'eu-west-1', accountId };
      [aws, databricks] = [await startAwsProvider(accountRegion), await startAwsProvider(accountRegion)];
      realDatabricks = aws.attachment;
      standIns = `${aws.attachment},${databricks.attachment.replace('aws:', 'databricks:')}`;
      project = await makeProject(stack);
    });
    afterAll(async () => {
      await aws?.stop();
      await databricks?.stop();
      project?.remove();
    });

    /** A test for the stack that can move to the catalog. */
    function withMounts(title: string, body: () => Promise<void>): void {
      if (stack === 'mount') {
        it(title, body);
      }
    }

    async function run(
      parameters: readonly string[],
      providers: string,
      how: 'run' | 'runAsDeployed' = 'run',
    ) {
      const result = await project[how](parameters, providers);
      written.push(result.stdout, result.stderr);
      return result;
    }
    const inOrder = (first: string, second: string, done: readonly string[]) => {
      expect(done.indexOf(first), first).toBeGreaterThanOrEqual(0);
      expect(done.indexOf(second), second).toBeGreaterThan(done.indexOf(first));
    };

    it('is planned by Databricks’ own provider before anything is there', async () => {
      const { stdout } = mustSucceed(await run(['preview'], realDatabricks, 'runAsDeployed'));
      expect(stdout).toMatch(/\+ \d+ to create/);
      expect(stdout).not.toContain('error:');
    });

    it('is made, in an order in which it can be', async () => {
      mustSucceed(await run(['up', '--yes', '--skip-preview'], standIns));
      for (const topic of ['pin', 'geo', 'user']) {
        inOrder(
          `create aws:msk/topic:Topic kafka-${topic}`,
          'create aws:mskconnect/connector:Connector connector',
          aws.done,
        );
        inOrder(
          `create aws:msk/topic:Topic kafka-${topic}`,
          'create aws:autoscaling/group:Group kafka-client',
          aws.done,
        );
      }
      inOrder(
        'create aws:iam/rolePolicy:RolePolicy connector-role',
        'create aws:mskconnect/connector:Connector connector',
        aws.done,
      );
    });

    it('has nothing to change the second time, and keeps to the policies', async () => {
      const { stdout } = mustSucceed(
        await run(['preview', '--expect-no-changes', '--policy-pack', policyPack], standIns),
      );
      expect(stdout).toMatch(/\d+ unchanged/);
      expect(stdout).toContain('pinterest@v1.0.0');
    });

    it('is accepted by Databricks’ own provider, with every id known', async () => {
      await isAcceptedByDatabricks();
    });

    /** Its own defaults are all that it would add to what the stand-in keeps; a table is made anew for that. */
    async function isAcceptedByDatabricks(): Promise<void> {
      const { stdout } = mustSucceed(await run(['preview', '--diff'], realDatabricks));
      expect(stdout).not.toMatch(/error:|\(delete\)|\(create\)/);
    }

    it('keeps no secret in plain text, in its state or in what it prints', async () => {
      const { stdout: state } = mustSucceed(await run(['stack', 'export'], standIns));
      expect(state).toContain('"deployment"');
      for (const secret of madeUpSecrets) {
        expect(state).not.toContain(secret);
        expect(written.join('\n')).not.toContain(secret);
      }
      if (stack !== 'prod') {
        const { stdout } = mustSucceed(
          await project.run(['stack', 'output', 'apiKey', '--show-secrets'], standIns),
        );
        expect(stdout.trim()).toBe('made-up-api-key-value');
      }
    });

    if (stack === 'dev') {
      /** The lines of a preview that name what changes: `+ type name create`, `~ type name update` and the like. */
      const changes = async (change: string) => {
        const { stdout } = mustSucceed(await project.run(['preview'], standIns, change));
        return [...stdout.matchAll(/^ *[+~-]+ +(\S+:\S+) +(\S+) +(create|update|delete)/gm)].map(
          ([, type = '', name = '', verb = '']) => `${verb} ${type} ${name}`,
        );
      };

      it('updates the dashboard when answers get, lose, rename and retype columns, and starts the stream again when its notebook changes', async () => {
        expect((await changes('answers, stream notebook')).sort()).toEqual([
          'update databricks:index:Dashboard databricks-answers',
          'update databricks:index:Job databricks-jobs-streaming',
          'update databricks:index:Notebook databricks-notebooks-pinterest_streaming_data',
        ]);
      });

      it('makes the topic and the stream of a dataset that is added, and deletes no more than the old deployment of the API', async () => {
        const found = await changes('dataset');
        expect(found).toContain('create aws:msk:Topic kafka-board');
        expect(found).toContain('create aws:kinesis:Stream streams-streaming-board');
        expect(found.filter((line) => line.startsWith('delete'))).toEqual([
          'delete aws:apigateway:Deployment api',
        ]);
      });
    }

    it('is paused: what costs by the hour goes, once nothing leads to it', async () => {
      await project.configure('connector.flushSize=1', 'paused=true');
      mustSucceed(await run(['up', '--yes', '--skip-preview'], standIns));
      const deleted = aws.done.filter((line) => line.startsWith('delete ')).join('\n');
      for (const gone of [
        'mskconnect/connector:',
        'ec2/natGateway:',
        'autoscaling/group:',
        'lb/loadBalancer:',
      ]) {
        expect(deleted).toContain(gone);
      }
      for (const kept of ['msk/cluster:', 's3/bucket:', 'rds/instance:', 'kinesis/stream:']) {
        expect(deleted).not.toContain(kept);
      }
      const stage = 'update aws:apigateway/stage:Stage api';
      inOrder(stage, 'delete aws:lb/loadBalancer:LoadBalancer rest-proxy', aws.done);
      inOrder(stage, 'delete aws:apigateway/deployment:Deployment api', aws.done);
    });

    it('goes on after the pause, with another warehouse: updates it, and replaces nothing of Databricks', async () => {
      const before = { aws: aws.done.length, databricks: databricks.done.length };
      await project.configure('paused=false', 'databricks.idleMinutes=20', 'databricks.warehouseSize=Medium');
      mustSucceed(await run(['up', '--yes', '--skip-preview'], standIns));
      const gateway = 'create aws:ec2/natGateway:NatGateway network-nat-1';
      inOrder('create aws:ec2/eip:Eip network-nat-1', gateway, aws.done.slice(before.aws));
      const done = databricks.done.slice(before.databricks);
      expect(done).toContain('update databricks:index/sqlEndpoint:SqlEndpoint databricks-compute');
      expect(done.filter((line) => line.startsWith('delete '))).toEqual([]);
    });

    withMounts('moves to the catalog as Databricks’ provider allows', async () => {
      await project.configure('databricks.access=catalog');
      mustSucceed(await run(['up', '--yes', '--skip-preview'], standIns));
      inOrder(
        'create databricks:index/storageCredential:StorageCredential databricks-catalog-lake',
        'create databricks:index/externalLocation:ExternalLocation databricks-catalog',
        databricks.done,
      );
      await isAcceptedByDatabricks();
    });

    if (stack === 'prod') {
      it('refuses to be destroyed while it holds data', async () => {
        const result = await run(['destroy', '--yes', '--skip-preview'], standIns);
        expect(result.status).not.toBe(0);
        expect(`${result.stdout}${result.stderr}`).toMatch(/protected|cannot be deleted/);
        await project.configure('protectData=false');
        mustSucceed(await run(['up', '--yes', '--skip-preview'], standIns));
      });
    }

    it('is destroyed, and leaves nothing', async () => {
      mustSucceed(await run(['destroy', '--yes', '--skip-preview'], standIns));
      const linesOf = (verb: string) =>
        aws.done.filter((line) => line.startsWith(`${verb} `)).map((line) => line.slice(verb.length + 1));
      expect(linesOf('delete').sort()).toEqual(linesOf('create').sort());
      inOrder(
        'delete aws:mskconnect/connector:Connector connector',
        'delete aws:msk/cluster:Cluster kafka',
        aws.done,
      );
    });
  });
});
