/** A secret scope, for the secrets that notebooks of one's own need; the pipeline's own need none. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';

export interface SecretsArgs {
  readonly scope: string;
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly provider: databricks.Provider;
}

export class Secrets extends pulumi.ComponentResource {
  constructor(name: string, args: SecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, secrets, provider } = args;
    super('pinterest:databricks:Secrets', name, {}, opts);
    const child = { parent: this, provider };
    const { name: scopeName } = new databricks.SecretScope(name, { name: scope }, child);
    for (const [key, value] of Object.entries(secrets)) {
      new databricks.Secret(
        `${name}-${key}`,
        { scope: scopeName, key, stringValue: pulumi.secret(value) },
        { ...child, additionalSecretOutputs: ['stringValue'] },
      );
    }
    this.registerOutputs({});
  }
}
