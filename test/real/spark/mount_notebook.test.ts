/** The mounting notebook, which needs only `dbutils` and no cluster. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { handedIn } from '../../../pipeline/engines/spark/local/notebook.ts';
import { type PythonWorker, startPython } from '../../../pipeline/engines/spark/local/python.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { queries } from '../../../queries/index.ts';
import { describeReal, spark } from '../systems.ts';

interface Mount {
  readonly mountPoint: string;
  readonly source: string;
}

describeReal('the mounting notebook', [spark], () => {
  let worker: PythonWorker;
  const source = notebookSources(datasets, queries).mount_s3_bucket;
  beforeAll(async () => {
    worker = startPython({ environment: 'spark' });
    await worker.run(handedIn);
  });
  afterAll(() => worker?.stop());

  const run = (widgets: Readonly<Record<string, string>>, mounts: readonly Mount[]) =>
    worker.run(
      'utilities = Utilities(input["widgets"], input["mounts"])\nrun_notebook(input["source"], {}, utilities)\noutput = utilities.fs.calls',
      { source, widgets, mounts },
    );

  it('mounts the bucket through the instance profile, without a key', async () => {
    const calls = await run({ bucket: 'the-lake' }, [{ mountPoint: '/mnt/other', source: 's3a://other' }]);
    expect(calls).toEqual([{ source: 's3a://the-lake', mount_point: '/mnt/pinterest' }]);
  });

  it('does nothing when the bucket is mounted', async () => {
    expect(
      await run({ bucket: 'the-lake' }, [{ mountPoint: '/mnt/pinterest', source: 's3a://the-lake/' }]),
    ).toEqual([]);
  });

  it('refuses a mount point that holds another bucket, and a missing name', async () => {
    const mounts = [{ mountPoint: '/mnt/pinterest', source: 's3a://other' }];
    await expect(run({ bucket: 'the-lake' }, mounts)).rejects.toThrow(
      '/mnt/pinterest holds s3a://other, not s3a://the-lake',
    );
    await expect(run({}, [])).rejects.toThrow("The widget 'bucket' must be filled");
  });
});
