import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { suiteFolder } from '../../support/folder.ts';
import { startCommand } from '../../support/process.ts';
import { chromium, describeReal } from '../systems.ts';
import { openedFromDisk, overflowWidth, type screens, textOutsideCharts, violations } from './appearances.ts';

describeReal('the catalogue in a browser', [chromium], () => {
  let browser: Browser;
  const folder = suiteFolder('catalogue');
  const site = join(folder, 'site');
  const address = (page: string) => pathToFileURL(join(site, page)).href;

  beforeAll(async () => {
    const { status, output, errors } = await startCommand(['catalogue', '--out', site]).ended;
    expect([status, errors]).toEqual([0, expect.stringContaining('Catalogue: 100% of ')]);
    expect(output).toContain(join(site, 'index.html'));
    await mkdir('test-artifacts', { recursive: true });
    browser = await chromium.start();
  }, 120_000);

  afterAll(() => browser?.close());

  const opened = (path: string, scheme: 'light' | 'dark', screen: keyof typeof screens) =>
    openedFromDisk(browser, address(path), { scheme, screen }, (url) =>
      url.startsWith(pathToFileURL(site).href),
    );

  it.each(
    (
      [
        ['index', 'index.html'],
        ['dataset', 'datasets/pin.html'],
        ['map', 'queries/top_user_by_country.html'],
        ['lines', 'queries/median_followers_by_join_year_and_age_group.html'],
      ] as const
    ).flatMap(([name, path]) =>
      (
        [
          ['light', 'phone'],
          ['dark', 'desktop'],
          ['light', 'wall'],
        ] as const
      ).map(([scheme, screen]) => ({ name, path, scheme, screen })),
    ),
  )(
    'shows $name on a $screen screen in $scheme, asks no other server and has no accessibility violations',
    async (of) => {
      const { page, problems, close } = await opened(of.path, of.scheme, of.screen);
      expect(await overflowWidth(page)).toBeLessThanOrEqual(0);
      expect(await page.locator('.chart svg').count()).toBe(of.path.startsWith('queries/') ? 1 : 0);
      expect(await textOutsideCharts(page)).toEqual([]);
      await page.screenshot({
        path: `test-artifacts/catalogue-${of.name}-${of.screen}-${of.scheme}.png`,
        fullPage: true,
      });
      // Folded text is read too.
      await page.locator('details').evaluateAll((all) => {
        for (const each of all) {
          each.setAttribute('open', '');
        }
      });
      expect(await overflowWidth(page)).toBeLessThanOrEqual(0);
      expect(problems).toEqual([]);
      // Axe reads the style sheet once more, which no page from disk may.
      expect(await violations(page)).toEqual([]);
      await close();
    },
  );

  it('is searched with the keyboard, from any page', async () => {
    const { page, problems, close } = await opened('queries/users_joined_by_year.html', 'light', 'phone');
    await page.keyboard.press('/');
    await page.keyboard.type('Follower COUNT');
    await page.locator('#found', { hasText: /^\d+ found/ }).waitFor();
    await page.keyboard.type(' pin.');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('pin.follower_count');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${address('datasets/pin.html')}#column-follower_count`);
    expect(await page.locator(':target').innerText()).toBe('follower_count');
    await page.getByLabel('Search datasets').fill('<img src=x>');
    await page.getByText('Nothing has all these words.').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByLabel('Search datasets').inputValue()).toBe('');
    expect(problems).toEqual([]);
    await close();
  });

  it('can be read without JavaScript, and then has no search', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
    const page = await context.newPage();
    await page.goto(address('queries/top_user_by_country.html'));
    expect(await page.locator('search').isVisible()).toBe(false);
    expect(await page.locator('#top_user_by_country tbody tr').count()).toBeGreaterThan(100);
    expect(await page.locator('.map use').count()).toBeGreaterThan(100);
    await context.close();
  });

  it('refuses a folder that holds something else before it starts, and a missing stack', async () => {
    const refused = await startCommand(['catalogue', '--out', folder]).ended;
    expect(refused).toMatchObject({ status: 1, output: '' });
    expect(refused.errors).toBe(
      `catalogue: ${folder} exists and is no catalogue, for it has no catalogue.json. Name another folder, or remove it.\n`,
    );
    const unknown = await startCommand(['catalogue', '--out', site, '--stack', 'staging']).ended;
    expect(unknown.status).toBe(1);
    expect(unknown.errors).toContain('There is no stack "staging": infra/ has no Pulumi.staging.yaml.');
  });
});
