/** Changes to the settings of a stack, each under the words that its golden preview is read by. */
import type { Settings } from '../../../infra/configuration/settings.ts';
import { settingsOf } from '../stacks.ts';
import type { Change } from './worked_versions.ts';

const stacks = { dev: settingsOf('dev'), prod: settingsOf('prod') };

/** One group of settings with some of them changed. */
function changed<G extends 'network' | 'lake' | 'database' | 'kafka' | 'connector' | 'client' | 'api'>(
  stack: keyof typeof stacks,
  group: G | 'streams' | 'airflow' | 'databricks' | 'watching',
  values: object,
): Change {
  const settings: Settings = stacks[stack];
  return { stack, settings: { [group]: { ...settings[group], ...values } } };
}

export const changesOfSettings: Readonly<Record<string, Change>> = {
  'larger machines of the cluster': changed('prod', 'databricks', { nodeType: 'm6id.large', workers: 6 }),
  'a broker more': changed('dev', 'kafka', { brokers: 4 }),
  'larger brokers': changed('dev', 'kafka', { instanceType: 'kafka.m7g.large' }),
  'more partitions': changed('dev', 'kafka', { partitions: 6 }),
  'a longer memory of Kafka': changed('dev', 'kafka', { retentionHours: 168 }),
  'streams on demand': changed('dev', 'streams', { mode: 'on-demand' }),
  'the streaming job runs': changed('dev', 'databricks', { streaming: 'running' }),
  'Airflow in place of the schedule': changed('dev', 'airflow', {
    enabled: true,
    environmentClass: 'mw1.small',
  }),
  'a standby of the database': changed('dev', 'database', { standby: true }),
  'a gateway in each zone': changed('dev', 'network', { natGateways: 'one-a-zone' }),
  'landing files are kept for a week': changed('dev', 'lake', { landingDays: 7 }),
  'requests are signed': changed('dev', 'api', { authorisation: 'iam' }),
  'larger landing files': changed('dev', 'connector', { flushSize: 50_000 }),
  'more machines of the REST proxy': changed('dev', 'client', { machines: 3 }),
  'a smaller budget': changed('dev', 'watching', { monthlyBudgetDollars: 50 }),
  'the stack is paused': { settings: { paused: true } },
  'another region': {
    settings: {
      region: 'eu-central-1',
      network: { ...stacks.dev.network, zones: ['eu-central-1a', 'eu-central-1b'] },
    },
  },
  'a prefix for every name': { settings: { userPrefix: '0a60b9a8a831' } },
  'another owner': { settings: { owner: 'another-team' } },
  'data is protected': { settings: { protectData: true } },
};
