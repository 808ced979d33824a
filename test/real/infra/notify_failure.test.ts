import { afterAll, beforeAll, expect, it } from 'vitest';
import { notebookSources } from '../../../infra/derived.ts';
import { type PythonWorker, startPython } from '../../../pipeline/engines/spark/local/python.ts';
import { aws, describeReal } from '../systems.ts';

/** The notebook as Databricks runs it: with boto3, which speaks to moto's SNS, and with `dbutils` handed in. */
describeReal('the notebook that tells of a failure', [aws], () => {
  let moto: Awaited<ReturnType<typeof aws.start>>;
  let python: PythonWorker;
  beforeAll(async () => {
    moto = await aws.start();
    python = startPython({ environment: 'aws', variables: moto.environment });
    // A queue that subscribes shows what arrives.
    await python.run(`
import json
from types import SimpleNamespace

import boto3

sns, sqs = boto3.client("sns"), boto3.client("sqs")
topic = sns.create_topic(Name="alarms")["TopicArn"]
queue = sqs.create_queue(QueueName="told")["QueueUrl"]
queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)


def told():
    return [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=queue).get("Messages", [])]


def tell(source, **widgets):
    """Runs the notebook; gives what it ends with and the service credentials that it asked for."""
    asked = []

    def provider(name):
        asked.append(name)
        import botocore.session

        return botocore.session.get_session()

    values = {"topic": topic, "region": "eu-west-1", "serviceCredential": "", **widgets}
    dbutils = SimpleNamespace(
        widgets=SimpleNamespace(text=lambda *_: None, get=lambda name: values[name]),
        credentials=SimpleNamespace(getServiceCredentialsProvider=provider),
    )
    try:
        exec(compile(source, "notebook", "exec"), {"dbutils": dbutils})
    except RuntimeError as error:
        return str(error), asked
    return None, asked

output = None
`);
  });
  afterAll(async () => {
    await python?.stop();
    await moto?.stop();
  });

  const { pinterest_tell_of_failure: source = '' } = notebookSources();
  const tell = (widgets: Record<string, string>) =>
    python.run(
      `
ended, asked = tell(input["source"], **input["widgets"])
output = {"ended": ended, "asked": asked, "told": [[one["Subject"], one["Message"]] for one in told()]}
`,
      { source, widgets },
    );

  it('publishes which job and run, and leaves the run failed', async () => {
    expect(await tell({ job: 'pinterest-dev-batch', run: 'job 1, run 2' })).toEqual({
      ended: 'pinterest-dev-batch has failed: see the tasks before this one.',
      asked: [],
      told: [
        ['Databricks: pinterest-dev-batch failed', 'The job pinterest-dev-batch has failed: job 1, run 2'],
      ],
    });
  });

  it('takes its rights from the service credential where there is one', async () => {
    const said = await tell({ job: 'batch', run: 'run 3', serviceCredential: 'pinterest-prod-streams' });
    expect(said).toMatchObject({
      asked: ['pinterest-prod-streams'],
      told: [['Databricks: batch failed', expect.anything()]],
    });
  });

  it('makes a subject that e-mail takes of any name', async () => {
    const { told } = Object(await tell({ job: `жоба ${'x'.repeat(200)}`, run: 'run 4' }));
    expect(told[0][0]).toMatch(/^Databricks: \?{4} x+$/);
    expect(told[0][0]).toHaveLength(100);
  });
});
