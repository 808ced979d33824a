/** What the repo's code declares as it is loaded: `graph/write.ts` prints it of a version. */
import { readStackFile } from '../graph/stack_file.ts';
import { type Definitions, definitionsOf, graphOfStack } from '../graph/stack_graph.ts';
import { describeTables } from './described_tables.ts';
import { costsOfSettings } from './money.ts';
import type { Version } from './version.ts';

/**
 * Runs the program for a stack.
 * @param folder the folder of `Pulumi.<stack>.yaml`
 * @param changes settings to change first, by name
 * @param definitions default: those of the repo
 * @throws when there is no such file, or the program refuses it
 */
export async function declarations(
  folder: string,
  stack: string,
  changes: Readonly<Record<string, unknown>> = {},
  definitions: Definitions = definitionsOf(),
): Promise<Version> {
  const { settings } = await readStackFile(folder, stack, changes);
  return {
    ...(await graphOfStack(folder, stack, changes, definitions)),
    spark: definitions.notebooks,
    tables: describeTables(definitions.datasets, definitions.queries),
    costs: costsOfSettings(settings, definitions.datasets.length),
    lifecycle: settings.lake,
  };
}
