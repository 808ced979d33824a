/**
 * Prices that sums are made with: dollars, on demand, without data transfer, free tiers and taxes.
 *
 * They are recollections of AWS's and Databricks' list prices for us-east-1 (Databricks: Premium plan), of about 2025, and
 * were NOT checked against a pricing page; other regions differ by up to a fifth. Nothing here asks AWS: look up the
 * prices of your region and put them in before you rely on a sum.
 */

/** Hours of a month, as AWS counts them. */
export const hoursOfMonth = 730;

/** An hour of one. */
export const hourly = {
  natGateway: 0.045,
  publicAddress: 0.005,
  loadBalancer: 0.0225,
  kinesisShard: 0.015,
  kinesisOnDemandStream: 0.04,
  connectUnit: 0.11,
  't3.small': 0.0208,
  'kafka.t3.small': 0.0456,
  'kafka.m7g.large': 0.204,
  'db.t4g.micro': 0.016,
  'db.m7g.large': 0.168,
  'mw1.small': 0.49,
  'm6id.large': 0.11865,
  'm6id.xlarge': 0.2373,
} as const satisfies Record<string, number>;

/** A month of one, or of a GB. */
export const monthly = {
  brokerStorageGb: 0.1,
  databaseStorageGb: 0.115,
  machineStorageGb: 0.08,
  secret: 0.4,
  key: 1,
  alarm: 0.1,
} as const satisfies Record<string, number>;

/** What Databricks asks for beside the machines: about one unit an hour for four cores, at the price of jobs. */
export const databricksUnit = { ofJobs: 0.15, aCore: 0.25 } as const;
/** Cores of the machines that stacks name. */
export const coresOf = { 'm6id.large': 2, 'm6id.xlarge': 4 } as const satisfies Record<string, number>;
