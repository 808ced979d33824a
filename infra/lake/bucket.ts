/** A bucket as all of ours are: encrypted, private, versioned, and spoken to over TLS alone. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { type PolicyDocument, policy, type Statement } from '../iam/document.ts';

export interface BucketArgs {
  /** Bucket names are one space for all the world: with account and region ours is unlikely to be taken. */
  readonly bucketName: string;
  /** Keep the bucket, and refuse to delete what is in it. */
  readonly protectData: boolean;
  readonly oldVersionDays: number;
  /** Further statements of the bucket's policy; none lifts the demand for TLS. */
  readonly statements?: readonly Statement[];
  readonly rules?: readonly aws.types.input.s3.BucketLifecycleConfigurationRule[];
}

/** A private bucket. */
export class PrivateBucket extends pulumi.ComponentResource {
  readonly bucketName: string;
  readonly arn: string;
  /** Known once the bucket may be used: its policy, its blocks, its versions and its owner are in place. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: BucketArgs, opts?: pulumi.ComponentResourceOptions) {
    const { bucketName, protectData, oldVersionDays, statements = [], rules = [] } = args;
    super('pinterest:lake:PrivateBucket', name, {}, opts);
    this.bucketName = bucketName;
    this.arn = `arn:aws:s3:::${bucketName}`;
    const { id: bucket } = new aws.s3.Bucket(
      name,
      { bucket: bucketName, forceDestroy: !protectData },
      { parent: this, protect: protectData },
    );
    const child = { parent: this };
    const ownership = new aws.s3.BucketOwnershipControls(
      name,
      { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } },
      child,
    );
    const versioning = new aws.s3.BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: 'Enabled' } },
      child,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }] },
      child,
    );
    const block = new aws.s3.BucketPublicAccessBlock(
      name,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    const tls = new aws.s3.BucketPolicy(
      name,
      { bucket, policy: JSON.stringify(tlsOnly(this.arn, statements)) },
      { parent: this, dependsOn: [block] },
    );
    new aws.s3.BucketLifecycleConfiguration(
      name,
      { bucket, rules: [tidying(oldVersionDays), ...rules] },
      { parent: this, dependsOn: [versioning] },
    );
    this.ready = pulumi.all([bucket, tls.id, versioning.id, ownership.id]).apply(([id]) => id);
    this.registerOutputs({ bucket });
  }
}

/** Refuses every request that does not come over TLS, of which S3 takes 1.2 and later. */
function tlsOnly(bucketArn: string, others: readonly Statement[] = []): PolicyDocument {
  return policy(
    {
      Sid: 'DenyInsecureTransport',
      Effect: 'Deny',
      Principal: '*',
      Action: ['s3:*'],
      Resource: [bucketArn, `${bucketArn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    ...others,
  );
}

function tidying(oldVersionDays: number): aws.types.input.s3.BucketLifecycleConfigurationRule {
  return {
    id: 'old-versions-and-broken-uploads',
    status: 'Enabled',
    filter: {},
    // A mark of a deletion with no version behind it stays for ever otherwise, and lists go through all of them.
    expiration: { expiredObjectDeleteMarker: true },
    noncurrentVersionExpiration: { noncurrentDays: oldVersionDays },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
  };
}
