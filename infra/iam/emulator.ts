/** What those may do who run the emulator: post to the API, and read the source database through Session Manager. */
import { allow, type Place, type PolicyDocument, policy } from './document.ts';

export interface EmulatorPolicyArguments {
  readonly place: Place;
  /** ARN of the API's methods. */
  readonly api: string;
  /** ARN of the secret with the database's password. */
  readonly databaseSecret: string;
  /** The name that the Kafka client's machine carries. */
  readonly clientMachine: string;
}

export function emulatorPolicy(given: EmulatorPolicyArguments): PolicyDocument {
  const { place, api, databaseSecret, clientMachine } = given;
  const { region, accountId } = place;
  return policy(
    allow('PostEvents', ['execute-api:Invoke'], [api]),
    allow('ReadTheDatabasePassword', ['secretsmanager:GetSecretValue'], [databaseSecret]),
    // EC2 knows no resources for looking.
    allow('FindTheMachine', ['ec2:DescribeInstances'], ['*']),
    allow(
      'ForwardThroughTheMachine',
      ['ssm:StartSession'],
      [`arn:aws:ec2:${region}:${accountId}:instance/*`],
      {
        StringEquals: { 'ssm:resourceTag/Name': clientMachine },
      },
    ),
    allow(
      'ForwardPortsAlone',
      ['ssm:StartSession'],
      [`arn:aws:ssm:${region}::document/AWS-StartPortForwardingSessionToRemoteHost`],
    ),
    allow(
      'EndItsOwnSessions',
      ['ssm:ResumeSession', 'ssm:TerminateSession'],
      [`arn:aws:ssm:${region}:${accountId}:session/\${aws:userid}-*`],
    ),
  );
}
