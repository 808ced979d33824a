/** What the program takes from the pipeline's own definitions: the notebooks, and the HTTP API. */
import type { Integrations } from './gateway/api.ts';

export function notebookSources(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['mount_s3_bucket', 'pinterest_batch_data', 'pinterest_streaming_data', 'pinterest_live_views'].map(
      (name) => [name, `# ${name}`],
    ),
  );
}

export function openApiDocument(integrations: Integrations): object {
  return { openapi: '3.0.1', info: { title: 'x', description: JSON.stringify(integrations) }, paths: {} };
}
