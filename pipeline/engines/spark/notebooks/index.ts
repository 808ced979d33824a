/** The notebooks that Databricks runs, from the definitions of datasets and queries. */
import type { Dataset } from '../../../plan/dataset.ts';
import { checkDifferentNames, type Query } from '../../../plan/query.ts';
import { mountS3Bucket } from './mount_s3_bucket.ts';
import { pinterestBatchData } from './pinterest_batch_data.ts';
import { pinterestLiveViews } from './pinterest_live_views.ts';
import { pinterestMaintenance } from './pinterest_maintenance.ts';
import { pinterestStreamingData } from './pinterest_streaming_data.ts';
import { pinterestNotifyFailure } from './pinterest_tell_of_failure.ts';

/** Sources in Databricks' format, by the notebook's name. @throws PlanError when two datasets or queries have one name */
export function notebookSources(
  datasets: readonly Dataset[],
  queries: readonly Query[],
): Readonly<Record<NotebookName, string>> {
  checkDifferentNames(datasets, queries);
  return {
    mount_s3_bucket: mountS3Bucket(),
    pinterest_batch_data: pinterestBatchData(datasets, queries),
    pinterest_streaming_data: pinterestStreamingData(datasets),
    pinterest_live_views: pinterestLiveViews(datasets, queries),
    pinterest_maintenance: pinterestMaintenance(datasets, queries),
    pinterest_tell_of_failure: pinterestNotifyFailure(),
  };
}

export type NotebookName =
  | 'mount_s3_bucket'
  | 'pinterest_batch_data'
  | 'pinterest_streaming_data'
  | 'pinterest_live_views'
  | 'pinterest_maintenance'
  | 'pinterest_tell_of_failure';
