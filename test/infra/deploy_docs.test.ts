/** Walks docs/deploy.md as a newcomer would, from the top of the repo, with stand-ins that check what they are told. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSettings, settingFromText } from '../../infra/configuration/settings.ts';
import { graphOf, infraFolder, repositoryFolder } from './stacks.ts';

const document = readFileSync(join(repositoryFolder, 'docs', 'deploy.md'), 'utf8');
const blocks = [...document.matchAll(/^```\n(.*?)^```/gms)].map(([, block = '']) => block);
const commands = blocks.flatMap((block) =>
  block
    .replaceAll('\\\n', ' ')
    .split(/\n|&& /)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== ''),
);
const { scripts } = JSON.parse(readFileSync(join(repositoryFolder, 'package.json'), 'utf8'));

/** Values that a reader puts in place of those in the docs. */
const filledIn: Readonly<Record<string, string>> = {
  '<application id>': '00000000-0000-4000-8000-000000000001',
  '<group>': 'readers',
  'https://dbc-….cloud.databricks.com': 'https://dbc-1.cloud.databricks.com',
};

describe('docs/deploy.md', () => {
  it('has the steps, in an order in which they can be done', () => {
    const at = (start: string) => {
      const found = commands.findIndex((command) => command.startsWith(start));
      expect(found, start).toBeGreaterThanOrEqual(0);
      return found;
    };
    const steps = [
      'npm ci',
      'npm run artefacts',
      'pulumi login',
      'pulumi stack init',
      'pulumi config set',
      'pulumi preview',
      'pulumi up',
    ];
    expect(steps.map(at)).toEqual(steps.map(at).toSorted((a, b) => a - b));
  });

  it('never leaves the top of the repo', () => {
    expect(commands.filter((command) => /(^|\()cd /.test(command))).toEqual([]);
    expect(existsSync(join(repositoryFolder, 'Pulumi.yaml'))).toBe(true);
  });

  it('runs scripts of npm that exist', () => {
    const used = [...document.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(used.length).toBeGreaterThan(5);
    for (const name of used) {
      expect(Object.keys(scripts)).toContain(name);
    }
  });

  it('gives commands options that they have', () => {
    const known: Readonly<Record<string, readonly string[]>> = JSON.parse(
      readFileSync(join(repositoryFolder, 'test', 'pinned', 'golden', 'commands.json'), 'utf8'),
    );
    const used = [...document.matchAll(/npm run (\w+) -- ([^\n`&#]*)/g)];
    expect(used.length).toBeGreaterThan(5);
    for (const [command, name = '', options = ''] of used) {
      const own = known[name]?.map((option) => option.split(' ')[0]);
      const written = [...options.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option);
      expect(own, command).toEqual(expect.arrayContaining(written));
    }
  });

  it('names a policy pack that exists', () => {
    const packs = [...document.matchAll(/--policy-pack (\S+)/g)].map(([, path = '']) => path);
    expect(packs).toEqual(['infra/tools/policies']);
    for (const path of packs) {
      expect(existsSync(join(repositoryFolder, path, 'PulumiPolicy.yaml'))).toBe(true);
    }
  });

  it('sets settings that the program takes, and none is missing', () => {
    const { config } = parse(readFileSync(join(infraFolder, 'Pulumi.dev.yaml'), 'utf8'));
    const settings: Record<string, unknown> = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.replace('pinterest-pipeline:', ''), value]),
    );
    const set = commands.filter((command) => /^pulumi config set (?!--secret)/.test(command));
    expect(set.length).toBeGreaterThan(4);
    for (const command of set) {
      const [, path = '', written = ''] =
        /^pulumi config set (?:--path )?'?([\w.[\]]+)'? (.+)$/.exec(command) ?? [];
      assign(settings, path.replaceAll(/\[(\d+)\]/g, '.$1').split('.'), filledIn[written] ?? written);
    }
    expect(readSettings(settings, 'dev').owner).toBe('my-team');
  });

  it('reads outputs that the stack has', async () => {
    const { outputs } = await graphOf('dev');
    const read = [...document.matchAll(/pulumi stack output (\w+)/g)].map(([, name = '']) => name);
    expect(read.length).toBeGreaterThan(2);
    for (const name of read) {
      expect(Object.keys(outputs)).toContain(name);
    }
  });

  it('speaks of settings that exist', () => {
    for (const name of [
      'databricks.changeAllWarehouses',
      'databricks.scheduled',
      'airflow.webserver',
      'client.machines',
    ]) {
      expect(document).toContain(name);
    }
  });
});

function assign(
  target: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: string,
): void {
  if (rest.length === 0) {
    target[key] = settingFromText(key, value);
  } else {
    assign(Object(target[key]), rest, value);
  }
}
