/** The monthly cost of a stack while nothing flows: everything that is paid by the hour for existing. */
import { datasets } from '../../../pipeline/datasets/index.ts';
import type { Settings } from '../../configuration/settings.ts';
import { coresOf, databricksUnit, hourly, hoursOfMonth, monthly } from './prices.ts';

export interface Cost {
  readonly what: string;
  /** The calculation, such as `2 × 0.0456 × 730 h`. */
  readonly how: string;
  /** Dollars a month; undefined where no price is known. */
  readonly dollars: number | undefined;
  /** Taken away by `paused: true`. */
  readonly pausable: boolean;
}

/**
 * Each cost, in the order of the systems. Those that `paused` takes away are left out where it is set.
 * @param streamCount one for each dataset
 */
export function monthlyCosts(settings: Settings, streamCount = datasets.length): readonly Cost[] {
  const zones = settings.network.zones.length;
  const gateways = settings.network.natGateways === 'one' ? 1 : zones;
  const all = [
    byHour('NAT gateways', gateways, hourly.natGateway, true),
    byHour('addresses of the NAT gateways', gateways, hourly.publicAddress, true),
    byHour('load balancer of the REST proxy', 1, hourly.loadBalancer, true),
    byHour(
      `Kafka brokers, ${settings.kafka.instanceType}`,
      settings.kafka.brokers,
      priceOf(settings.kafka.instanceType),
    ),
    byMonth('brokers’ disks, GB', settings.kafka.brokers * settings.kafka.volumeGib, monthly.brokerStorageGb),
    byHour(
      `REST proxy, ${settings.client.instanceType}`,
      settings.client.machines,
      priceOf(settings.client.instanceType),
      true,
    ),
    byMonth('disks of the REST proxy, GB', 16 * settings.client.machines, monthly.machineStorageGb, true),
    byHour(
      'connector, units',
      settings.connector.unitsPerWorker * settings.connector.fewestWorkers,
      hourly.connectUnit,
      true,
    ),
    ...streams(settings, streamCount),
    ...database(settings),
    ...(settings.airflow.enabled
      ? [
          byHour(
            `Airflow, ${settings.airflow.environmentClass}`,
            1,
            priceOf(settings.airflow.environmentClass),
            true,
          ),
        ]
      : []),
    ...streamingJob(settings),
    byMonth('secrets', settings.airflow.enabled ? 2 : 1, monthly.secret),
    byMonth('key of the alarms', 1, monthly.key),
    byMonth('metrics of requests by which batches are seen', 16, monthly.metric),
    byMonth(
      'alarms',
      settings.kafka.brokers + 1 + streamCount + (expectsBatch(settings) ? 1 : 0),
      monthly.alarm,
    ),
    byMonth('alarms of connector and REST proxy', 2, monthly.alarm, true),
  ];
  return all.filter(({ pausable }) => !(settings.paused && pausable));
}

/** The part of a GB of landed lines that its copy in bronze takes: measured on generated posts, Snappy in Parquet. */
const bronzeOfLine = 0.35;

/** A month of the raw copy for each GB of lines that lands a day, once it holds all its days; undefined where none is kept. */
export function bronzeMonthly({ lake }: Settings): number | undefined {
  return lake.bronzeDays === null ? undefined : lake.bronzeDays * bronzeOfLine * monthly.objectStorageGb;
}

function expectsBatch({ airflow, databricks, paused }: Settings): boolean {
  return !paused && (airflow.enabled || databricks.scheduled);
}

function streams({ streams }: Settings, count: number): readonly Cost[] {
  return streams.mode === 'on-demand'
    ? [byHour('Kinesis streams on demand', count, hourly.kinesisOnDemandStream)]
    : [byHour('Kinesis shards', count * streams.shards, hourly.kinesisShard)];
}

function database({ database }: Settings): readonly Cost[] {
  if (database.kind === 'existing') {
    return [];
  }
  const copies = database.standby ? 2 : 1;
  return [
    byHour(`database, ${database.instanceClass}`, copies, priceOf(database.instanceClass)),
    byMonth('disks of the database, GB', copies * database.storageGib, monthly.databaseStorageGb),
  ];
}

/** The one part of Databricks that runs by itself for ever. */
function streamingJob({ databricks }: Settings): readonly Cost[] {
  if (databricks.streaming === 'paused') {
    return [];
  }
  const machines = databricks.workers + 1;
  const machine = priceOf(databricks.nodeType);
  const cores = Object.entries(coresOf).find(([type]) => type === databricks.nodeType)?.[1];
  const units = cores === undefined ? undefined : cores * databricksUnit.aCore * databricksUnit.ofJobs;
  return [
    byHour(`streaming job, machines ${databricks.nodeType}`, machines, machine, true),
    byHour('streaming job, Databricks units', machines, units, true),
  ];
}

function priceOf(type: string): number | undefined {
  return Object.entries(hourly).find(([name]) => name === type)?.[1];
}

function byHour(what: string, count: number, price: number | undefined, pausable = false): Cost {
  const dollars = price === undefined ? undefined : count * price * hoursOfMonth;
  return { what, how: `${count} × ${price ?? '?'} × ${hoursOfMonth} h`, dollars, pausable };
}

function byMonth(what: string, count: number, price: number, pausable = false): Cost {
  return { what, how: `${count} × ${price}`, dollars: count * price, pausable };
}
