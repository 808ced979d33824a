/** The notebooks that Databricks runs, from the definitions of datasets and queries. */
import type { Dataset } from '../../../plan/dataset.ts';
import { checkDifferentNames, type Query } from '../../../plan/query.ts';
import {
  answerCells,
  columnEntries,
  datasetCells,
  givenCells,
  keyEntries,
  nameEntries,
  ruleEntries,
  sourceEntries,
  statesName,
  streamEntries,
  viewCells,
} from './cells.ts';
import { filledTemplate } from './template.ts';

/** Sources in Databricks' format, by the notebook's name. @throws PlanError when two datasets or queries have one name */
export function notebookSources(datasets: readonly Dataset[], queries: readonly Query[]) {
  checkDifferentNames([...datasets, { name: statesName }], queries);
  const answers = answerCells(datasets, queries);
  return {
    mount_s3_bucket: filledTemplate('mount_s3_bucket.py'),
    pinterest_batch_data: filledTemplate('pinterest_batch_data.py', {
      datasets: datasetCells(datasets, ['file']),
      given: givenCells(datasets),
      rules: ruleEntries(datasets),
      sources: sourceEntries(queries),
      ...answers,
    }),
    pinterest_streaming_data: filledTemplate('pinterest_streaming_data.py', {
      datasets: datasetCells(datasets, ['source', 'shard', 'position', 'event', 'arrived', 'kept']),
      streams: streamEntries(datasets),
      states: answers.states,
    }),
    pinterest_live_views: filledTemplate('pinterest_live_views.py', {
      columns: columnEntries(datasets),
      keys: keyEntries(datasets),
      states: answers.states,
      queries: viewCells(datasets, queries),
    }),
    pinterest_erase: filledTemplate('pinterest_erase.py', {
      datasets: datasetCells(datasets, ['file']),
    }),
    pinterest_maintenance: filledTemplate('pinterest_maintenance.py', {
      datasets: nameEntries(datasets),
      queries: nameEntries(queries),
    }),
    // Stacks that are deployed have the notebook under its first name.
    pinterest_tell_of_failure: filledTemplate('pinterest_notify_failure.py'),
  } as const satisfies Readonly<Record<string, string>>;
}
