/** The policy pack: `pulumi preview --policy-pack infra/tools/policies`. All rules are mandatory. */
import { PolicyPack, type PolicyResource, type ResourceValidationArgs } from '@pulumi/policy';
import type { Declared } from './declared.ts';
import { rules } from './rules.ts';

new PolicyPack('pinterest', {
  policies: rules.flatMap(({ name, description, each, all }) => [
    ...(each === undefined
      ? []
      : [
          {
            name,
            description,
            enforcementLevel: 'mandatory' as const,
            validateResource: (resource: ResourceValidationArgs, report: (message: string) => void) => {
              for (const says of each(declaredOf(resource))) {
                report(says);
              }
            },
          },
        ]),
    ...(all === undefined
      ? []
      : [
          {
            name: `${name}-together`,
            description,
            enforcementLevel: 'mandatory' as const,
            validateStack: (
              { resources }: { resources: PolicyResource[] },
              report: (message: string, urn?: string) => void,
            ) => {
              const urns = new Map(resources.map((resource) => [declaredOf(resource), resource.urn]));
              for (const [resource, says] of all([...urns.keys()])) {
                report(says, urns.get(resource));
              }
            },
          },
        ]),
  ]),
});

function declaredOf(resource: ResourceValidationArgs | PolicyResource): Declared {
  return {
    type: resource.type,
    name: resource.name,
    inputs: resource.props,
    protect: resource.opts.protect,
    provider: resource.provider === undefined ? undefined : { inputs: resource.provider.props },
  };
}
