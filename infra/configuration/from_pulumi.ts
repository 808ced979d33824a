/** A stack's settings and secrets as Pulumi holds them. */
import * as pulumi from '@pulumi/pulumi';
import { readSettings, type Settings, SettingsError, settingFromText, settingKeys } from './settings.ts';

/** Settings that the program may print, and secrets that it may not. */
export interface Configuration {
  readonly settings: Settings;
  /** A value set with `pulumi config set --secret NAME`. @throws SettingsError saying so when it is not set */
  secret(name: string): pulumi.Output<string>;
}

/** Reads the configuration of the stack that runs. @throws SettingsError */
export function configurationOfStack(): Configuration {
  const config = new pulumi.Config();
  const stack = pulumi.getStack();
  const values = Object.fromEntries(settingKeys.map((key) => [key, settingFromText(key, config.get(key))]));
  return {
    settings: readSettings(values, stack),
    secret(name) {
      const value = config.getSecret(name);
      if (value === undefined) {
        throw new SettingsError(
          `Stack ${stack} needs the secret ${name}: pulumi config set --secret ${name}, and paste it when asked`,
        );
      }
      return value;
    },
  };
}
