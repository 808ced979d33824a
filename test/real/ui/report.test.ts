import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readableNumber } from '../../../pipeline/ui/readable.ts';
import { writeReport } from '../../../pipeline/ui/web/report.ts';
import { suiteFolder } from '../../support/folder.ts';
import { countries, example } from '../../ui/web/example.ts';
import { chromium, describeReal } from '../systems.ts';
import {
  appearances,
  openedFromDisk,
  overflowWidth,
  type screens,
  textOutsideCharts,
  violations,
} from './appearances.ts';

describeReal('the report in a browser', [chromium], () => {
  let browser: Browser;
  const folder = suiteFolder('report');
  let address: string;

  beforeAll(async () => {
    const file = join(folder, 'report', 'index.html');
    await writeReport(file, example);
    address = pathToFileURL(file).href;
    await mkdir('test-artifacts', { recursive: true });
    browser = await chromium.start();
  });

  afterAll(() => browser?.close());

  const opened = (scheme: 'light' | 'dark', screen: keyof typeof screens) =>
    openedFromDisk(browser, address, { scheme, screen });

  it.each(appearances)(
    'fits a $screen screen in $scheme, without browser errors or accessibility violations',
    async ({ scheme, screen }) => {
      const { page, problems, close } = await opened(scheme, screen);
      expect(await page.locator('.chart svg').count()).toBe(example.answers.length);
      expect(await page.title()).toBe('Pinterest pipeline: the answers');
      expect(await overflowWidth(page)).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-artifacts/report-${screen}-${scheme}.png`, fullPage: true });
      expect(await textOutsideCharts(page)).toEqual([]);
      expect(await violations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
  );

  it('shows the numbers of each answer in its chart and every row in its table', async () => {
    const { page, problems, close } = await opened('light', 'desktop');
    for (const { query, rows } of example.answers) {
      const labels = (await page.locator(`#chart-${query.name} text`).allTextContents()).join('\n');
      const drawn = query.chart.kind !== 'lines' ? rows.slice(0, 20) : [];
      for (const row of drawn) {
        expect(labels).toContain(readableNumber(Number(row[query.chart.value])));
      }
      expect(await page.locator(`#${query.name} tbody tr`).count()).toBe(rows.length);
      expect(await page.locator(`#chart-${query.name}`).getAttribute('aria-label')).toContain(query.title);
    }
    const named = await page.locator('#top_user_by_country tbody th').allTextContents();
    expect(named).toEqual(countries);
    expect(problems).toEqual([]);
    await close();
  });

  it('draws countries where they are, shaded by their value', async () => {
    const { page, close } = await opened('light', 'desktop');
    const land = (id: string) =>
      page.locator(`#most_popular_category_by_country use[href="#land-${id}"]`).evaluate((use) => {
        const { x, y, width } = use.getBoundingClientRect();
        const map = use.closest('svg')?.getBoundingClientRect() ?? { x: 0, y: 0, width: 1 };
        return {
          right: (x - map.x) / map.width,
          down: (y - map.y) / map.width,
          width,
          fill: getComputedStyle(use).fill,
        };
      });
    const [albania, peru, zimbabwe] = await Promise.all([land('008'), land('604'), land('716')]);
    expect(albania.fill).toBe('rgb(179, 18, 63)');
    expect(zimbabwe.fill).not.toBe(albania.fill);
    expect(peru.right).toBeLessThan(albania.right);
    expect(albania.down).toBeLessThan(peru.down);
    expect(Math.min(...[albania, peru, zimbabwe].map(({ width }) => width))).toBeGreaterThan(1);
    await close();
  });

  it('shows names as text in tooltips, too', async () => {
    const { page, problems, close } = await opened('light', 'desktop');
    const chart = page.locator('#chart-top_user_by_country');
    await chart.scrollIntoViewIfNeeded();
    // A bar changes its colour under the pointer, so all rectangles are taken first.
    const rectangles = await chart
      .locator('svg path[fill="#b3123f"]')
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().toJSON()));
    for (const index of [1, 2, 3]) {
      const { x, y, width, height } = rectangles[index];
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.waitForFunction(
        (number) =>
          document
            .querySelector('#chart-top_user_by_country > div:last-child')
            ?.textContent?.includes(number),
        readableNumber(Number(example.answers[2]?.rows[index]?.follower_count)),
        { timeout: 10_000 },
      );
    }
    expect(await page.locator('.chart img, .chart script').count()).toBe(0);
    expect(await page.title()).toBe('Pinterest pipeline: the answers');
    expect(problems).toEqual([]);
    await close();
  });

  it('follows the system from light to dark and back while it is open', async () => {
    const { page, close } = await opened('light', 'desktop');
    const accent = (colour: string) => page.locator(`.chart svg path[fill="${colour}"]`).first().waitFor();
    await accent('#b3123f');
    await page.emulateMedia({ colorScheme: 'dark' });
    await accent('#ff7d9c');
    await page.emulateMedia({ colorScheme: 'light' });
    await accent('#b3123f');
    await close();
  });

  it('can be used with the keyboard: skip link, links to answers, scrolling tables', async () => {
    const { page, close } = await opened('light', 'phone');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the answers');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const table = page.locator('#most_popular_category_by_country .table');
    expect(await table.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('End');
    await page.waitForFunction(() => (document.activeElement?.scrollTop ?? 0) > 0);
    await close();
  });

  it('points to the tables where JavaScript is off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
    const page = await context.newPage();
    await page.goto(address);
    expect(await page.locator('noscript').innerText()).toContain('tables hold the same numbers');
    await context.close();
  });
});
