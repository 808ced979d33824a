/** The graph of one of the repo's stacks. */
import { datasets } from '../../../pipeline/datasets/index.ts';
import { queries } from '../../../queries/index.ts';
import { configurationOfStack } from '../../configuration/from_pulumi.ts';
import { notebookSources, openApiDocument } from '../../derived.ts';
import { pipeline } from '../../program.ts';
import { type Graph, recordGraph } from './record.ts';
import { readStackFile } from './stack_file.ts';

/**
 * Runs the program for a stack.
 * @param folder the folder of `Pulumi.<stack>.yaml`
 * @param changes settings to change first, by name, for those who ask what a switch does
 */
export async function graphOfStack(
  folder: string,
  stack: string,
  changes: Readonly<Record<string, unknown>> = {},
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
        datasets,
        queries,
        notebooks: notebookSources(),
        openApi: openApiDocument,
        artefactsRequired: false,
      }),
  });
}
