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

// Pulumi's runtime is one for a process: these do not run at once. `-u` writes the files, which are read by people.
describe('the preview of a change', () => {
  it('is that of forty changes and more', () => {
    expect(changes.length).toBeGreaterThanOrEqual(40);
  });

  it.each(changes)('reads well: %s', async (name, change) => {
    const text = markdown(await effectOfChange(change));
    const file = name.toLowerCase().replaceAll(/[^a-z]+/g, '_');
    await expect(text).toMatchFileSnapshot(`golden/${file}.md`);
  });
});
