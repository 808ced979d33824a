/** Permissions of those who run the emulator: post to the API, and read the source database through Session Manager. */
import { type AccountRegion, allow, type PolicyDocument, policy } from './document.ts';

export interface EmulatorPolicyArgs {
  readonly accountRegion: AccountRegion;
  /** ARN of the API's methods. */
  readonly api: string;
  /** ARN of the secret with the database's password. */
  readonly databaseSecret: string;
  /** The name that the Kafka client's machine carries. */
  readonly clientMachine: string;
}

export function emulatorPolicy(args: EmulatorPolicyArgs): PolicyDocument {
  const { accountRegion, api, databaseSecret, clientMachine } = args;
  const { region, accountId } = accountRegion;
  return policy(
    allow('InvokeApi', ['execute-api:Invoke'], [api]),
    allow('GetDatabaseSecret', ['secretsmanager:GetSecretValue'], [databaseSecret]),
    // EC2 knows no resources for looking.
    allow('DescribeInstances', ['ec2:DescribeInstances'], ['*']),
    allow('StartSessionOnClient', ['ssm:StartSession'], [`arn:aws:ec2:${region}:${accountId}:instance/*`], {
      StringEquals: { 'ssm:resourceTag/Name': clientMachine },
      // Without this a session that names no document opens a shell
      // (https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-sessiondocumentaccesscheck.html).
      BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' },
    }),
    allow(
      'StartPortForwarding',
      ['ssm:StartSession'],
      [`arn:aws:ssm:${region}::document/AWS-StartPortForwardingSessionToRemoteHost`],
    ),
    allow(
      'EndOwnSessions',
      ['ssm:ResumeSession', 'ssm:TerminateSession'],
      [`arn:aws:ssm:${region}:${accountId}:session/\${aws:userid}-*`],
    ),
  );
}
