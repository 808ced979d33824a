/** Two buckets: the lake, and what machines and environments install or run. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import { PrivateBucket } from './bucket.ts';

export interface LakeArgs {
  /** In front of both buckets' names, such as `pinterest-dev`. */
  readonly prefix: string;
  readonly accountId: string;
  readonly region: string;
  readonly lake: Settings['lake'];
  readonly protectData: boolean;
}

/** The folder of the lake's bucket that every engine calls the lake: it holds `topics/`, `silver/`, `gold/` and more. */
export const lakeFolder = 'lake';
/** The name of the metrics of what each batch writes at its end; they were of the answers when it was first deployed. */
export const batchMetric = 'gold';

/** The lake's bucket and the bucket of artefacts. */
export class Lake extends pulumi.ComponentResource {
  readonly data: PrivateBucket;
  readonly artefacts: PrivateBucket;
  /** `s3://<bucket>/lake`, as commands and notebooks take it. */
  readonly url: string;

  constructor(name: string, args: LakeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { prefix, accountId, region, lake, protectData } = args;
    super('pinterest:lake:Lake', name, {}, opts);
    const bucketName = (role: string) => `${prefix}-${role}-${accountId}-${region}`;
    const { landingDays, oldVersionDays } = lake;
    this.data = new PrivateBucket(
      `${name}-data`,
      {
        bucketName: bucketName('lake'),
        protectData,
        oldVersionDays,
        rules: landingDays === null ? [] : [landingFilesGo(landingDays)],
      },
      { parent: this },
    );
    // Counts what a batch writes in any case, for the alarm that says that none has run: where nothing is new it writes no
    // answer.
    new aws.s3.BucketMetric(
      `${name}-gold`,
      { bucket: this.data.ready, name: batchMetric, filter: { prefix: `${lakeFolder}/last_batch/` } },
      { parent: this },
    );
    // Its content is made again by `npm run artefacts` and `pulumi up`.
    this.artefacts = new PrivateBucket(
      `${name}-artefacts`,
      { bucketName: bucketName('artefacts'), protectData: false, oldVersionDays },
      { parent: this },
    );
    this.url = `s3://${this.data.bucketName}/${lakeFolder}`;
    this.registerOutputs({ url: this.url });
  }
}

function landingFilesGo(days: number) {
  return {
    id: 'landing-files',
    status: 'Enabled',
    filter: { prefix: `${lakeFolder}/topics/` },
    expiration: { days },
  };
}
