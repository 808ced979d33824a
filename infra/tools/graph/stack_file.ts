/** A stack's configuration as its file in the repo has it, for runs without the Pulumi CLI. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { readSettings, type Settings, settingFromText } from '../../configuration/settings.ts';
import { project } from './record.ts';

const stackFile = z.object({ config: z.record(z.string(), z.json()) });

export interface StackConfiguration {
  readonly region: string;
  readonly accountId: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly settings: Settings;
}

/** The secrets that the program asks for by name, which no run without an engine can know. */
const unknownSecrets = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`${project}:${name}`, 'not known here']));

/**
 * Reads `Pulumi.<stack>.yaml`, with settings changed on the way. Secrets stay unread: they stand for themselves.
 * @param changes settings by name, for those who ask what a switch does
 * @throws when there is no such file, or the program would refuse it
 */
export async function readStackFile(
  folder: string,
  stack: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<StackConfiguration> {
  const content = await readFile(join(folder, `Pulumi.${stack}.yaml`), 'utf8');
  const plain = { ...valuesOf(content), ...changes };
  const settings = readSettings(plain, stack);
  const secrets = unknownSecrets([
    'databricksClientSecret',
    ...settings.databricks.secrets.map((name) => `databricksSecret-${name}`),
  ]);
  const { region, accountId } = settings;
  const texts = Object.fromEntries(
    Object.entries(plain).map(([key, value]) => [
      `${project}:${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  return {
    region,
    accountId,
    configuration: { ...texts, ...secrets },
    secretKeys: Object.keys(secrets),
    settings,
  };
}

/** The settings in a stack's file. @throws SettingsError when the program would refuse them */
export function settingsOfStack(content: string, stack: string): Settings {
  return readSettings(valuesOf(content), stack);
}

/** Plain values by name, as the engine hands them to the program: what `pulumi config set` wrote is a string. */
function valuesOf(content: string): Readonly<Record<string, unknown>> {
  const { config } = stackFile.parse(parse(content));
  const own = Object.entries(config).flatMap(([key, value]): [string, unknown][] =>
    key.startsWith(`${project}:`) && !isEncrypted(value) ? [[key.slice(project.length + 1), value]] : [],
  );
  return Object.fromEntries(
    own.map(([key, value]) => [key, typeof value === 'string' ? settingFromText(key, value) : value]),
  );
}

function isEncrypted(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'secure' in value;
}
