import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProviderTypes } from '../../../infra/tools/graph/provider_types.ts';
import { effectOf } from '../../../infra/tools/preview/effect.ts';
import { page as pageOf } from '../../../infra/tools/preview/page/page.ts';
import { replaceFile } from '../../../pipeline/storage/durable_files.ts';
import { changesOfAnswers } from '../../infra/preview/changes_of_answers.ts';
import { changesOfDatasets } from '../../infra/preview/changes_of_datasets.ts';
import { changesOfSettings } from '../../infra/preview/changes_of_settings.ts';
import { runOf } from '../../infra/preview/worked_versions.ts';
import { suiteFolder } from '../../support/folder.ts';
import { chromium, describeReal } from '../systems.ts';
import { appearances, openedFromDisk, overflowWidth, type screens, violations } from '../ui/appearances.ts';

describeReal('the page of a preview in a browser', [chromium], () => {
  let browser: Browser;
  let address: string;
  const folder = suiteFolder('preview-page');

  beforeAll(async () => {
    const added = changesOfDatasets['a dataset is added'].datasets;
    const renamed = changesOfDatasets['a column that no answer reads has another name'].datasets;
    const moved = changesOfDatasets['a bound of a rule is another'].datasets;
    const named = new Map(
      [...added, ...renamed.slice(0, 1), ...moved.slice(2)].map((one) => [one.name, one]),
    );
    const effect = await effectOf({
      stack: 'dev',
      against: 'main <x>',
      over: '300 generated posts',
      before: await runOf({}),
      after: await runOf({
        datasets: [...named.values()],
        queries: [
          ...changesOfAnswers['a mean in place of a median'].queries.slice(1),
          ...changesOfAnswers['a query is added'].queries.slice(-1),
        ],
        settings: {
          ...changesOfSettings['larger brokers']?.settings,
          ...changesOfSettings['requests are signed']?.settings,
        },
      }),
      types: new ProviderTypes(),
    });
    const file = join(folder, 'preview.html');
    await replaceFile(file, pageOf(effect));
    address = pathToFileURL(file).href;
    browser = await chromium.start();
  });

  afterAll(() => browser?.close());

  const opened = (scheme: 'light' | 'dark', screen: keyof typeof screens) =>
    openedFromDisk(browser, address, { scheme, screen });

  it.each(appearances)(
    'fits a $screen screen in $scheme, asks for nothing and has no accessibility violations',
    async ({ scheme, screen }) => {
      const { page, problems, close } = await opened(scheme, screen);
      await page.screenshot({ path: `test-artifacts/preview-${screen}-${scheme}.png`, fullPage: true });
      expect(await overflowWidth(page)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
  );

  it('shows what a column is made of, by click and by keyboard, and Escape ends it', async () => {
    const { page, problems, close } = await opened('light', 'desktop');
    const words = page.locator('#lineage-words');
    const hint = await words.textContent();
    const category = page.locator('[data-id="silver pin.category"]');
    await category.click();
    expect(await words.textContent()).toContain('Made of: raw pin.category.');
    expect(await words.textContent()).toContain(
      'the rows of most_popular_category_by_year (condition, group, order)',
    );
    expect(await category.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.connections path').count()).toBeGreaterThan(3);
    await page.screenshot({ path: 'test-artifacts/preview-lineage.png', fullPage: true });
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await words.textContent()).toBe(hint);
    await page.locator('[data-id="answer users_joined_by_year.join_year"]').focus();
    await page.keyboard.press('Enter');
    expect(await words.textContent()).toContain('Made of: silver user.date_joined');
    expect(await words.textContent()).toContain('raw user.first_name');
    expect(await page.locator('[data-id="silver pin.category"].related').count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it('shows the flow with what changed in it, and both versions of the SQL', async () => {
    const { page, close } = await opened('light', 'desktop');
    const states = async (place: string) =>
      page
        .locator(`.place.${place} .item`)
        .evaluateAll((items) =>
          items.map((item) => `${item.textContent}: ${item.className.replace('item ', '')}`),
        );
    expect(await states('topics')).toEqual([
      'kafka 1 changed: changed',
      'board new: added',
      'geo: same',
      'pin: same',
      'user: same',
    ]);
    expect(await states('silver')).toEqual([
      'pin breaking: grave',
      'geo: same',
      'user other values: changed',
      'board new: added',
    ]);
    const sides = page.locator('.sides').first();
    expect(await sides.locator('caption').textContent()).toBe('silver/pin');
    expect(await sides.locator('del').allTextContents()).not.toEqual([]);
    expect(await page.locator('h1').textContent()).toBe('What this changes');
    expect(await page.locator('header').textContent()).toContain('main <x>');
    await close();
  });
});
