import { describe, expect, it } from 'vitest';
import { jsonOf } from '../../../infra/tools/policies/declared.ts';
import { graphOf } from '../../infra/stacks.ts';
import { aws, describeReal } from '../systems.ts';

/** The input that holds a policy, by type of resource; trust is evaluated in test/infra/permissions.test.ts. */
const documents: Readonly<Record<string, string>> = {
  'aws:iam/policy:Policy': 'policy',
  'aws:iam/rolePolicy:RolePolicy': 'policy',
  'aws:s3/bucketPolicy:BucketPolicy': 'policy',
  'aws:sns/topicPolicy:TopicPolicy': 'policy',
};

/** Parliament's finding on ec2:RunInstances: it wants all its resources in one statement. */
const allAtOnce = /^RESOURCE_MISMATCH (\[|,|\{"action":"ec2:RunInstances","required_format":"[^"]*"\}|\])+$/;

/**
 * Condition keys that are younger than parliament's data
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html).
 */
const youngKeys =
  'UNKNOWN_CONDITION_FOR_ACTION "Unknown condition ssm:SessionDocumentAccessCheck for action ssm:StartSession"';

describeReal('parliament', [aws], () => {
  describe.each(['dev', 'mount', 'prod'])('%s', (stack) => {
    it('holds nothing against any policy', async () => {
      const graph = await graphOf(stack);
      const policies = graph.nodes.flatMap(({ type, name, inputs }) => {
        const key = documents[type];
        return key === undefined
          ? []
          : [{ name: `${type} ${name}`, text: JSON.stringify(jsonOf(inputs[key])) }];
      });
      expect(policies.length).toBeGreaterThan(7);
      const found = await aws.lintPolicies(policies.map(({ text }) => text));
      const said = found.flatMap((findings, index) =>
        findings
          .map(({ issue, detail }) => `${issue} ${JSON.stringify(detail)}`)
          // EC2 asks about each resource by itself, and each has its own condition here.
          .filter((says) => !allAtOnce.test(says) && says !== youngKeys)
          .map((says) => `${policies[index]?.name}: ${says}`),
      );
      expect(said).toEqual([]);
    });
  });

  it('is heard: it finds a wrong action', async () => {
    const wrong = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObjekt', Resource: '*' }],
    };
    const [findings] = await aws.lintPolicies([JSON.stringify(wrong)]);
    expect(findings?.map(({ issue }) => issue)).toContain('UNKNOWN_ACTION');
  });
});
