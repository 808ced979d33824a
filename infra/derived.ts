/** The program's inputs from the pipeline's own definitions: the notebooks, and the HTTP API. */

import type { Integrations } from '../pipeline/api/integrations.ts';
import { openApiDocument as documentOf } from '../pipeline/api/openapi.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { notebookSources as notebooksOf } from '../pipeline/engines/spark/notebooks/index.ts';
import { queries } from '../queries/index.ts';

/** The Databricks notebooks by name, as `npm run notebooks` writes them. */
export function notebookSources(): Readonly<Record<string, string>> {
  return notebooksOf(datasets, queries);
}

/** The HTTP API with its integrations, as API Gateway imports it. */
export function openApiDocument(integrations: Integrations): object {
  return documentOf(datasets, integrations);
}
