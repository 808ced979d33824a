import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ProviderTypes } from '../../../infra/tools/graph/provider_types.ts';
import { type Effect, effectOf, type Run } from '../../../infra/tools/preview/effect.ts';
import { markdown } from '../../../infra/tools/preview/markdown.ts';
import { changesOfAnswers } from './changes_of_answers.ts';
import { changesOfDatasets } from './changes_of_datasets.ts';
import { changesOfSettings } from './changes_of_settings.ts';
import { type Change, runOf } from './worked_versions.ts';

const types = new ProviderTypes();
const before = new Map<string, Promise<Run>>();

async function effectOfChange(change: Change): Promise<Effect> {
  const { stack = 'dev' } = change;
  const old = before.get(stack) ?? runOf({ stack });
  before.set(stack, old);
  return effectOf({
    stack,
    against: 'main',
    over: '300 generated posts',
    before: await old,
    after: await runOf(change),
    types,
  });
}

const changes = Object.entries<Change>({
  nothing: {},
  ...changesOfDatasets,
  ...changesOfAnswers,
  ...changesOfSettings,
});

const folder = fileURLToPath(new URL('golden', import.meta.url));
const fileOf = (name: string) => `${name.toLowerCase().replaceAll(/[^a-z]+/g, '_')}.md`;

// `-u` writes the files, which are read by people.
describe('the preview of a change', () => {
  it('is that of forty changes and more, each of which has its file', () => {
    expect(changes.length).toBeGreaterThanOrEqual(40);
    expect(readdirSync(folder).sort()).toEqual(changes.map(([name]) => fileOf(name)).sort());
  });

  it.each(changes)('reads well: %s', async (name, change) => {
    // The numbers of lines change with every word of the notebooks' templates.
    const text = markdown(await effectOfChange(change)).replaceAll(/: \d+ lines? added, \d+ removed/g, '');
    await expect(text).toMatchFileSnapshot(join(folder, fileOf(name)));
  });
});
