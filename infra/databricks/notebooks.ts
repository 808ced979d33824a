/** The notebooks in the workspace, as `npm run notebooks` writes them. */
import { createHash } from 'node:crypto';
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';

export interface NotebooksArgs {
  readonly folder: string;
  /** Source of each notebook by name, in Databricks' source format. */
  readonly sources: Readonly<Record<string, string>>;
  readonly provider: databricks.Provider;
}

/** Notebooks in one folder, which nobody edits in the workspace: the next `pulumi up` puts them back. */
export class Notebooks extends pulumi.ComponentResource {
  readonly folder: string;
  private readonly paths: ReadonlyMap<string, pulumi.Output<string>>;
  private readonly sources: Readonly<Record<string, string>>;

  constructor(name: string, args: NotebooksArgs, opts?: pulumi.ComponentResourceOptions) {
    const { folder, sources, provider } = args;
    super('pinterest:databricks:Notebooks', name, {}, opts);
    this.folder = folder;
    this.sources = sources;
    this.paths = new Map(
      Object.entries(sources).map(([notebook, source]) => [
        notebook,
        new databricks.Notebook(
          `${name}-${notebook}`,
          {
            path: `${folder}/${notebook}`,
            language: 'PYTHON',
            contentBase64: Buffer.from(source).toString('base64'),
          },
          { parent: this, provider },
        ).path,
      ]),
    );
    this.registerOutputs({ folder });
  }

  /** The beginning of the SHA-256 of a notebook's source. */
  digestOf(notebook: string): string {
    const source = this.sources[notebook];
    if (source === undefined) {
      throw new RangeError(`There is no notebook "${notebook}".`);
    }
    return createHash('sha256').update(source).digest('hex').slice(0, 16);
  }

  /** The path of a notebook, known once it is uploaded. @throws RangeError when there is none of that name */
  pathOf(notebook: string): pulumi.Output<string> {
    const path = this.paths.get(notebook);
    if (path === undefined) {
      throw new RangeError(
        `There is no notebook "${notebook}"; there are ${[...this.paths.keys()].join(', ')}.`,
      );
    }
    return path;
  }
}
