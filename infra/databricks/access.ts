/** Access of clusters to lake and streams, which differs between a workspace with mounts and one with Unity Catalog. */
import type * as databricks from '@pulumi/databricks';
import type * as pulumi from '@pulumi/pulumi';

/** The mount point of the lake's bucket, in workspaces that have mounts. */
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
  /** The service credential with which the job that erases posts writes landing files again; empty where the instance profile does. */
  readonly landingCredential: pulumi.Output<string> | '';
  /** The schema of the views of the live answers. */
  readonly liveSchema: pulumi.Output<string> | string;
  /** `catalog.schema` of the answers' tables; empty where there is no catalog. */
  readonly answersSchema: pulumi.Output<string> | '';
  /** The cluster mode that this way needs. */
  readonly dataSecurityMode: { readonly job: string; readonly shared: string };
  /** Resources that must exist before anything reads the lake. */
  readonly ready: readonly pulumi.Resource[];
}

export interface AccessArgs {
  readonly prefix: string;
  readonly accountRegion: { readonly region: string; readonly accountId: string };
  readonly bucketName: string;
  readonly bucketArn: string;
  readonly lakeFolder: string;
  readonly streamArns: readonly pulumi.Input<string>[];
  /** The topic that a failed job notifies; undefined where Airflow does. */
  readonly alarms:
    | { readonly topicArn: pulumi.Input<string>; readonly keyArn: pulumi.Input<string> }
    | undefined;
  readonly provider: databricks.Provider;
  readonly iamPropagationSeconds: number;
}
