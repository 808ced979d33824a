/** What the program takes from the pipeline's own definitions: the notebooks, and the HTTP API. */

import type { Integrations } from '../pipeline/api/integrations.ts';
import { openApiDocument as documentOf } from '../pipeline/api/openapi.ts';
import { datasets } from '../pipeline/datasets/index.ts';

export function notebookSources(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['mount_s3_bucket', 'pinterest_batch_data', 'pinterest_streaming_data', 'pinterest_live_views'].map(
      (name) => [name, `# ${name}`],
    ),
  );
}

/** The HTTP API with its integrations, as API Gateway imports it. */
export function openApiDocument(integrations: Integrations): object {
  return documentOf(datasets, integrations);
}
