/** The answers where people meet them: grants in the catalog, and the dashboard. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Query } from '../../pipeline/plan/query.ts';
import type { CatalogAccess } from './catalog.ts';
import { serializedDashboard } from './dashboard.ts';
import type { ProfileAccess } from './mount.ts';

export interface AnswersArgs {
  readonly prefix: string;
  readonly queries: readonly Query[];
  readonly access: CatalogAccess | ProfileAccess;
  readonly warehouse: databricks.SqlEndpoint;
  /** The group that may read, and no more. */
  readonly readers: string;
  /** Assigns the group to the workspace first, because that is new. */
  readonly assignReaders: boolean;
  readonly folder: string;
  readonly provider: databricks.Provider;
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The folder of a query's answer, below the lake. */
function goldPath(lakePath: string, query: Pick<Query, 'name'>): string {
  return `${lakePath}/gold/${query.name}`;
}

export class Answers extends pulumi.ComponentResource {
  readonly dashboard: databricks.Dashboard;

  constructor(
    private readonly name: string,
    private readonly args: AnswersArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Answers', name, {}, opts);
    const { access, queries, prefix, warehouse, provider } = args;
    if (access.instanceProfileArn === undefined) {
      this.grant(access);
    }
    this.dashboard = new databricks.Dashboard(
      name,
      {
        displayName: `${prefix} answers`,
        parentPath: args.folder,
        warehouseId: warehouse.id,
        // With the catalog, readers ask with their own rights. A workspace with mounts has no right to one
        // answer's files, only to any file: there the dashboard asks for them.
        embedCredentials: access.instanceProfileArn !== undefined,
        serializedDashboard: this.content(access, queries),
      },
      { parent: this, provider, dependsOn: [...args.dependsOn] },
    );
    this.permit();
    this.registerOutputs({});
  }

  private content(access: CatalogAccess | ProfileAccess, queries: readonly Query[]): pulumi.Output<string> {
    const title = 'Pinterest: the answers';
    if (access.instanceProfileArn !== undefined) {
      return pulumi.output(
        serializedDashboard(title, queries, (query) => `delta.\`${goldPath(access.lakePath, query)}\``),
      );
    }
    return pulumi
      .all([access.catalogName, access.schemaName])
      .apply(([catalog, schema]) =>
        serializedDashboard(title, queries, ({ name }) => `\`${catalog}\`.\`${schema}\`.\`${name}\``),
      );
  }

  /**
   * Lets readers select from whatever tables the schemas hold. The batch makes and syncs the tables of the answers: a
   * column of a table that is declared can neither change its type nor go.
   */
  private grant(access: CatalogAccess): void {
    const { provider, readers } = this.args;
    const child = { parent: this, provider };
    new databricks.Grants(
      `${this.name}-catalog`,
      { catalog: access.catalogName, grants: [{ principal: readers, privileges: ['USE_CATALOG'] }] },
      child,
    );
    const schemas = {
      schema: pulumi.interpolate`${access.catalogName}.${access.schemaName}`,
      live: access.liveSchema,
    };
    for (const [name, schema] of Object.entries(schemas)) {
      new databricks.Grants(
        `${this.name}-${name}`,
        { schema, grants: [{ principal: readers, privileges: ['SELECT', 'USE_SCHEMA'] }] },
        child,
      );
    }
  }

  private permit(): void {
    const { warehouse, readers, assignReaders, provider } = this.args;
    const assigned = assignReaders
      ? [
          new databricks.PermissionAssignment(
            `${this.name}-readers`,
            { groupName: readers, permissions: ['USER'] },
            { parent: this, provider },
          ),
        ]
      : [];
    const child = { parent: this, provider, dependsOn: assigned };
    const accessControls = (permissionLevel: string) => [{ groupName: readers, permissionLevel }];
    new databricks.Permissions(
      `${this.name}-warehouse`,
      { sqlEndpointId: warehouse.id, accessControls: accessControls('CAN_USE') },
      child,
    );
    new databricks.Permissions(
      `${this.name}-dashboard`,
      { dashboardId: this.dashboard.id, accessControls: accessControls('CAN_READ') },
      child,
    );
  }
}
