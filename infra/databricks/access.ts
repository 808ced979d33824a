/** How clusters reach lake and streams: what differs between a workspace with mounts and one with Unity Catalog. */
import type * as databricks from '@pulumi/databricks';
import type * as pulumi from '@pulumi/pulumi';

/** Where the lake's bucket is mounted in workspaces that have mounts. */
export const mountPoint = '/mnt/pinterest';
/** The schema of the views over the stream's silver. */
export const liveSchemaName = 'pinterest_live';

export interface LakeAccess {
  /** The folder of the lake as notebooks take it: `dbfs:/mnt/pinterest/lake` or `s3://bucket/lake`. */
  readonly lakePath: string;
  /** For clusters that carry their rights with them; undefined where Unity Catalog hands rights out. */
  readonly instanceProfileArn: pulumi.Output<string> | undefined;
  /** The service credential with which notebooks read Kinesis and tell of failures; empty where the instance profile does. */
  readonly serviceCredential: pulumi.Output<string> | '';
  /** Where the views of the live answers lie. */
  readonly liveSchema: pulumi.Output<string> | string;
  /** The cluster mode that this way needs. */
  readonly dataSecurityMode: { readonly job: string; readonly shared: string };
  /** What must be there before anything reads the lake. */
  readonly ready: readonly pulumi.Resource[];
}

export interface AccessArguments {
  readonly prefix: string;
  readonly place: { readonly region: string; readonly accountId: string };
  readonly bucketName: string;
  readonly bucketArn: string;
  readonly lakeFolder: string;
  readonly streamArns: readonly pulumi.Input<string>[];
  /** What a job tells when it fails; undefined where Airflow tells it. */
  readonly alarms:
    | { readonly topicArn: pulumi.Input<string>; readonly keyArn: pulumi.Input<string> }
    | undefined;
  readonly provider: databricks.Provider;
  readonly settlingSeconds: number;
}
