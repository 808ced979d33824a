/** The templates of notebooks, and each cell that is generated from them, as Python reads them. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { installedPath } from '../../../pipeline/engines/spark/local/installations.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { queries } from '../../../queries/index.ts';
import { describeReal, spark } from '../systems.ts';

const folder = new URL('../../../pipeline/engines/spark/notebooks/templates/', import.meta.url);
const templates = readdirSync(folder).filter((name) => name.endsWith('.py'));

/** Compiles each source by itself, and runs none. @throws Error with Python's message */
async function compiled(sources: readonly string[]): Promise<void> {
  const program = 'import sys\nfor source in sys.argv[1:]: compile(source, "<source>", "exec")';
  await promisify(execFile)(installedPath('spark', 'bin', 'python'), ['-I', '-c', program, ...sources]);
}

describeReal('Python of notebooks', [spark], () => {
  it.each(templates)('the template %s compiles', (name) =>
    compiled([readFileSync(new URL(name, folder), 'utf8')]),
  );

  it.each(Object.entries(notebookSources(datasets, queries)))('each cell of %s compiles', (_, source) =>
    compiled(source.split('# COMMAND ----------\n')),
  );

  it('a source that does not compile is refused', () =>
    expect(compiled(['# @insert rules\n', 'rules = {'])).rejects.toThrow("'{' was never closed"));
});
