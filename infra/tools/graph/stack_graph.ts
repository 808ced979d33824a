/** The graph of one of the repo's stacks. */
import { openApiDocument } from '../../../pipeline/api/openapi.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import { queries } from '../../../queries/index.ts';
import { configurationOfStack } from '../../configuration/from_pulumi.ts';
import { pipeline } from '../../program.ts';
import { type Graph, recordGraph } from './record.ts';
import { readStackFile } from './stack_file.ts';

/** The definitions that a graph is made from. */
export interface Definitions {
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** The Databricks notebooks by name. */
  readonly notebooks: Readonly<Record<string, string>>;
}

/** Definitions with the notebooks that follow from them. */
export function definitionsOf(
  used: readonly Dataset[] = datasets,
  asked: readonly Query[] = queries,
): Definitions {
  return { datasets: used, queries: asked, notebooks: notebookSources(used, asked) };
}

/**
 * Runs the program for a stack.
 * @param folder the folder of `Pulumi.<stack>.yaml`
 * @param changes settings to change first, by name, for those who ask what a switch does
 * @param definitions default: those of the repo
 */
export async function graphOfStack(
  folder: string,
  stack: string,
  changes: Readonly<Record<string, unknown>> = {},
  definitions: Definitions = definitionsOf(),
): Promise<Graph> {
  return recordGraph({
    stack,
    ...(await readStackFile(folder, stack, changes)),
    program: () =>
      pipeline({
        stack,
        // A graph that is compared with another does not depend on the day.
        year: 2026,
        configuration: configurationOfStack(),
        ...definitions,
        openApi: (integrations) => openApiDocument(definitions.datasets, integrations),
        artefactsRequired: false,
      }),
  });
}
