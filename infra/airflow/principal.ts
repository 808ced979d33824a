/** Airflow's identity at Databricks: a service principal that may run one job, with its secret where Airflow looks for it. */
import * as aws from '@pulumi/aws';
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';

export interface PrincipalArgs {
  readonly prefix: string;
  readonly host: pulumi.Input<string>;
  /** The year in which the program runs: its secret is renewed with each. */
  readonly year: number;
  readonly provider: databricks.Provider;
}

/** The prefix at which Airflow's Secrets Manager backend looks for connections, and for nothing else. */
export const connectionsPrefix = 'airflow/connections';
const connectionId = 'databricks_default';

export class Principal extends pulumi.ComponentResource {
  readonly applicationId: pulumi.Output<string>;
  /** ARN of the secret with the connection. */
  readonly secretArn: pulumi.Output<string>;

  constructor(name: string, args: PrincipalArgs, opts?: pulumi.ComponentResourceOptions) {
    const { prefix, host, year, provider } = args;
    super('pinterest:airflow:Principal', name, {}, opts);
    const child = { parent: this, provider };
    const principal = new databricks.ServicePrincipal(name, { displayName: `${prefix}-airflow` }, child);
    const { secret } = new databricks.ServicePrincipalSecret(
      name,
      // A secret ends after 730 days. The first `pulumi up` of a year makes another; until then the nightly drift check says
      // that it is due.
      { servicePrincipalId: principal.id, lifetime: '63072000s', timeRotating: String(year) },
      { ...child, additionalSecretOutputs: ['secret', 'secretHash'] },
    );
    const held = new aws.secretsmanager.Secret(
      name,
      {
        name: `${connectionsPrefix}/${connectionId}`,
        description: 'How Airflow signs in to Databricks',
        // Deleted secrets keep their name for as long as they can be had back; this one is made again, by the same name,
        // when a paused stack goes on.
        recoveryWindowInDays: 0,
      },
      { parent: this },
    );
    const version = new aws.secretsmanager.SecretVersion(
      name,
      { secretId: held.id, secretString: pulumi.secret(connection(host, principal.applicationId, secret)) },
      { parent: this, additionalSecretOutputs: ['secretString'] },
    );
    this.applicationId = principal.applicationId;
    this.secretArn = pulumi.all([held.arn, version.id]).apply(([arn]) => arn);
    this.registerOutputs({});
  }
}

/** A connection as Airflow reads it from JSON: OAuth of a service principal. */
function connection(
  host: pulumi.Input<string>,
  clientId: pulumi.Input<string>,
  clientSecret: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.jsonStringify({
    conn_type: 'databricks',
    host,
    login: clientId,
    password: clientSecret,
    extra: { service_principal_oauth: true },
  });
}
