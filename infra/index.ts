/** The program that `pulumi up` runs. */
import * as pulumi from '@pulumi/pulumi';
import { datasets } from '../pipeline/datasets/index.ts';
import { queries } from '../queries/index.ts';
import { configurationOfStack } from './configuration/from_pulumi.ts';
import { notebookSources, openApiDocument } from './derived.ts';
import { pipeline } from './program.ts';

export default (): Record<string, unknown> =>
  pipeline({
    stack: pulumi.getStack(),
    year: new Date().getUTCFullYear(),
    configuration: configurationOfStack(),
    datasets,
    queries,
    notebooks: notebookSources(),
    openApi: openApiDocument,
    artefactsRequired: true,
  });
