/** People and programs that operate the jobs: one list of permissions an object, for a second would replace the first. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';

export interface OperatorsArgs {
  /** The group of the people; undefined where nobody but the workspace's admins operates. */
  readonly admins: string | undefined;
  /** Assigns the group to the workspace first, because that is new. */
  readonly assignAdmins: boolean;
  /** Jobs by the name of their resource here. */
  readonly jobs: Readonly<Record<string, pulumi.Input<string>>>;
  /** The principal with which Airflow runs the batch. */
  readonly airflow:
    | { readonly applicationId: pulumi.Output<string>; readonly alias: pulumi.Alias }
    | undefined;
  /** The folder of the notebooks. */
  readonly folder: string;
  readonly provider: databricks.Provider;
  /** Resources that must exist before anything is permitted on them. */
  readonly dependsOn: readonly pulumi.Resource[];
}

export class Operators extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: OperatorsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Operators', name, {}, opts);
    const dependsOn = [...args.dependsOn, ...this.assigned()];
    for (const [job, jobId] of Object.entries(args.jobs)) {
      this.permitJob(job, jobId, dependsOn);
    }
    if (args.admins !== undefined) {
      new databricks.Permissions(
        `${name}-notebooks`,
        {
          directoryPath: args.folder,
          accessControls: [{ groupName: args.admins, permissionLevel: 'CAN_RUN' }],
        },
        { parent: this, provider: args.provider, dependsOn },
      );
    }
    this.registerOutputs({});
  }

  private assigned(): readonly pulumi.Resource[] {
    const { admins, assignAdmins, provider } = this.args;
    if (admins === undefined || !assignAdmins) {
      return [];
    }
    return [
      new databricks.PermissionAssignment(
        `${this.name}-admins`,
        { groupName: admins, permissions: ['ADMIN'] },
        { parent: this, provider },
      ),
    ];
  }

  private permitJob(job: string, jobId: pulumi.Input<string>, dependsOn: pulumi.Resource[]): void {
    const { admins, provider } = this.args;
    const airflow = job === 'batch' ? this.args.airflow : undefined;
    const permissionLevel = 'CAN_MANAGE_RUN';
    const accessControls = [
      ...(airflow === undefined ? [] : [{ servicePrincipalName: airflow.applicationId, permissionLevel }]),
      ...(admins === undefined ? [] : [{ groupName: admins, permissionLevel }]),
    ];
    if (accessControls.length === 0) {
      return;
    }
    new databricks.Permissions(
      `${this.name}-${job}`,
      { jobId, accessControls },
      { parent: this, provider, dependsOn, aliases: airflow === undefined ? [] : [airflow.alias] },
    );
  }
}
