import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { workspacePolicy } from '../../../infra/databricks/policies.ts';
import { valueAt } from '../../../infra/tools/policies/declared.ts';
import { testFolder } from '../../support/folder.ts';
import { describeReal, pulumi } from '../systems.ts';
import { mustSucceed } from './project.ts';

const accountId = '444455556666';
const vpcId = 'vpc-0a1b2c3d4e5f60718';
const sdk = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** A program that asks Databricks' provider for its own policy, which it writes without asking Databricks. */
const program = `
const databricks = require('@pulumi/databricks');
const provider = new databricks.Provider('account', { host: 'https://accounts.cloud.databricks.com', token: 'none' });
const args = {
  policyType: 'restricted',
  awsAccountId: '${accountId}',
  vpcId: '${vpcId}',
  region: 'eu-west-1',
  securityGroupId: 'sg-0123456789abcdef0',
};
exports.policy = databricks.getAwsCrossAccountPolicyOutput(args, { provider }).json;
`;

describeReal('the role of a new workspace', [pulumi], () => {
  const folder = testFolder('cross-account');

  it('may do all that Databricks’ own restricted policy lets it do', async () => {
    const project = join(folder, 'project');
    mkdirSync(project);
    symlinkSync(sdk, join(project, 'node_modules'));
    writeFileSync(join(project, 'Pulumi.yaml'), 'name: policy\nruntime: nodejs\nmain: index.js\n');
    writeFileSync(join(project, 'package.json'), '{"type": "commonjs"}');
    writeFileSync(join(project, 'index.js'), program);
    const run = (...parameters: string[]) => pulumi.run(parameters, { program: project, home: folder });
    mustSucceed(await run('stack', 'init', 'policy'));
    mustSucceed(await run('up', '--yes', '--skip-preview'));
    const { stdout } = mustSucceed(await run('stack', 'output', 'policy'));
    const theirs = actionsOf(JSON.parse(stdout));
    expect(theirs.length).toBeGreaterThan(40);
    const ours = new Set(actionsOf(workspacePolicy({ accountId, region: 'eu-west-1' }, vpcId)));
    expect(theirs.filter((action) => !ours.has(action))).toEqual([]);
  });
});

function actionsOf(policy: unknown): readonly string[] {
  const statements = valueAt(policy, 'Statement');
  return (Array.isArray(statements) ? statements : []).flatMap((one) => valueAt(one, 'Action')).map(String);
}
