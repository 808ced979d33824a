/** Runs every command of docs/deploy.md in a shell, with stand-ins that record what they are told. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../support/folder.ts';
import { repositoryFolder } from './stacks.ts';

const folder = testFolder('deploy-walk');

const document = readFileSync(join(repositoryFolder, 'docs', 'deploy.md'), 'utf8');
const blocks = [...document.matchAll(/^```\n(.*?)^```/gms)].map(([, block = '']) => block);

/** Records its name and arguments as one line of JSON; outputs of the stack are printed, as Pulumi prints them. */
const standIn = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const { basename } = require('node:path');
const [, program, ...args] = process.argv;
appendFileSync(process.env.RECORD, JSON.stringify([basename(program), ...args]) + '\\n');
if (args[0] === 'stack' && args[1] === 'output') console.log('output-' + args[2]);
`;

it('each command of the deploy docs runs from the top of the repo, word by word', () => {
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  for (const name of ['npm', 'pulumi', 'aws', 'curl']) {
    writeFileSync(join(programs, name), standIn);
    chmodSync(join(programs, name), 0o755);
  }
  const record = join(folder, 'record.jsonl');
  for (const block of blocks) {
    // A reader puts words in place of those in brackets.
    const typed = block.replaceAll(/<([a-z][^<>\n]*)>/gi, (_, word: string) => word.replaceAll(' ', '-'));
    execFileSync('bash', ['-euo', 'pipefail', '-c', typed], {
      cwd: repositoryFolder,
      env: { PATH: `${programs}:/usr/bin:/bin`, RECORD: record },
    });
  }
  const ran = readFileSync(record, 'utf8')
    .trim()
    .split('\n')
    .map((line): string[] => JSON.parse(line));
  expect(
    ran.map(([program = '', first = '', second = '']) => `${program} ${first} ${second}`.trim()),
  ).toEqual([
    'npm ci',
    'npm run artefacts',
    'pulumi login',
    'pulumi stack init',
    'pulumi config set',
    'pulumi config set',
    'pulumi config set',
    'pulumi config set',
    'pulumi config set',
    'pulumi config set',
    'pulumi config set',
    'pulumi preview --policy-pack',
    'pulumi up',
    'npm run artefacts',
    'aws ssm start-session',
    'pulumi stack output',
    'pulumi stack output',
    'curl -fsS -H',
    'curl -fsS -H',
    'npm run seed',
    'npm run emulate',
    'pulumi stack output',
    'aws s3 ls',
  ]);
  expect(ran).toContainEqual(['pulumi', 'config', 'set', '--path', 'watching.emails[0]', 'me@example.com']);
  expect(ran).toContainEqual(['curl', '-fsS', '-H', 'x-api-key: output-apiKey', 'output-apiUrl/topics']);
  const session = ran.find(([program, name]) => program === 'aws' && name === 'ssm') ?? [];
  expect(JSON.parse(session.at(-1) ?? '')).toEqual({
    host: ['host-of-airflowUrl'],
    portNumber: ['443'],
    localPortNumber: ['8443'],
  });
});
