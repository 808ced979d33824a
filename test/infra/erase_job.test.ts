import { describe, expect, it } from 'vitest';
import { valueAt } from '../../infra/tools/policies/declared.ts';
import { graphOf, listAt, madeBefore, ofType, one } from './stacks.ts';

describe('an erasure writes landing files again', () => {
  const widgetsIn = async (stack: string) => {
    const graph = await graphOf(stack);
    const job = one(graph, 'databricks:index/job:Job', 'databricks-jobs-erase');
    const task = listAt(job.inputs, 'tasks').find((each) => valueAt(each, 'taskKey') === 'erase');
    return { graph, job, widgets: valueAt(task, 'notebookTask.baseParameters') };
  };

  it.each(['dev', 'prod'])(
    'with a credential that no other job names, and that is there before it: %s',
    async (stack) => {
      const { graph, job, widgets } = await widgetsIn(stack);
      const credential = `pinterest-${stack}-landing`;
      expect(widgets).toMatchObject({
        landing: expect.stringMatching(new RegExp(`^s3://pinterest-${stack}-lake-[0-9]{12}-eu-west-1/lake$`)),
        region: 'eu-west-1',
        serviceCredential: credential,
      });
      const others = ofType(graph, 'databricks:index/job:Job').filter((other) => other !== job);
      expect(JSON.stringify(others)).not.toContain(credential);
      expect(madeBefore(graph, job)).toContain('aws:iam/rolePolicy:RolePolicy databricks-catalog-landing');
      // Its owner, who owns the jobs too, may use it. Nobody else was given the right.
      expect(JSON.stringify(ofType(graph, 'databricks:index/grants:Grants'))).not.toContain(credential);
      expect(JSON.stringify(ofType(graph, 'databricks:index/grant:Grant'))).not.toContain(credential);
    },
  );

  it('with the instance profile where there is no catalog, and past the mount', async () => {
    const { job, widgets } = await widgetsIn('mount');
    expect(widgets).toMatchObject({
      lake: 'dbfs:/mnt/pinterest/lake',
      landing: 's3://pinterest-mount-lake-111122223333-eu-west-1/lake',
      serviceCredential: '',
    });
    const [cluster] = listAt(job.inputs, 'jobClusters');
    expect(valueAt(cluster, 'newCluster.awsAttributes.instanceProfileArn')).toBeDefined();
  });
});
