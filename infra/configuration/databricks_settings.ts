/** Settings of the Databricks side of a stack. */
import * as z from 'zod';
import { quartzProblems } from './quartz.ts';

const https = z.string().regex(/^https:\/\/[a-z0-9.-]+$/i, 'must be https:// and a host, with no path');
const principalName = z.string().min(1, 'must not be empty');

export const databricks = z.strictObject({
  workspace: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('existing'),
      host: https,
      /** The IAM role with which Databricks starts the workspace's machines; with mounts it gets one more right. */
      machinesRole: z.string().min(1).optional(),
    }),
    z.strictObject({
      kind: z.literal('new'),
      accountId: z.guid('must be the id of the Databricks account, a UUID'),
      metastoreId: z.guid("must be the id of the region's metastore, a UUID"),
    }),
  ]),
  /** The service principal that `pulumi up` works as; its secret is `databricksClientSecret`. */
  clientId: z.guid('must be the application id of a service principal, a UUID'),
  access: z.enum(['mount', 'catalog']),
  sparkVersion: z
    .string()
    .regex(/^\d+\.\d+\.x-.*scala\d\.\d+$/, 'must be a runtime key such as 17.3.x-scala2.13'),
  /** The batch's compute: serverless, or a cluster that starts with the job. */
  batchCompute: z.enum(['serverless', 'cluster']).default('cluster'),
  nodeType: z.string().min(1),
  /** 0 is one machine that is driver and worker. */
  workers: z.number().int().min(0),
  idleMinutes: z.number().int().min(10).max(120),
  streaming: z.enum(['paused', 'running']),
  /** A cron of Quartz, in UTC: when the batch would run by itself where no Airflow starts it. */
  schedule: z.string().superRefine((cron, context) => {
    for (const problem of quartzProblems(cron)) {
      context.addIssue({ code: 'custom', message: problem });
    }
  }),
  /** Lets the schedule start the batch where no Airflow does. */
  scheduled: z.boolean().default(false),
  warehouseSize: z.enum(['2X-Small', 'X-Small', 'Small', 'Medium', 'Large']),
  /** Databricks takes 0, which is never, or 10 and more (https://docs.databricks.com/api/workspace/warehouses/create). */
  warehouseIdleMinutes: z.number().int().min(10, 'must be 10 or more: Databricks refuses less').max(60),
  /** With mounts: sets the instance profile of all of the workspace's warehouses, other people's among them. */
  changeAllWarehouses: z.boolean().default(false),
  /** The group of the people who read answers. */
  readers: principalName,
  /** The group of the people who operate jobs and notebooks. */
  admins: principalName.optional(),
  /** The monthly Databricks spend, in dollars, above which people are told; for a new workspace. */
  monthlyBudgetDollars: z.number().positive().optional(),
  /** Secrets that notebooks of one's own need, by name; the value of `a-key` is the stack's secret `databricksSecret-a-key`. */
  secrets: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower case letters, digits and hyphens')),
});
