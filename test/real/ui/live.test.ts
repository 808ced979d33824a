import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Query } from '../../../pipeline/plan/query.ts';
import { readableNumber } from '../../../pipeline/ui/readable.ts';
import { type LivePage, startLivePage } from '../../../pipeline/ui/web/live_server.ts';
import { queries } from '../../../queries/index.ts';
import { topUserByCountry } from '../../../queries/top_user_by_country.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { rowsOfAnswer } from '../../ui/web/example.ts';
import { ExampleSource } from '../../ui/web/live_example.ts';
import { chromium, describeReal } from '../systems.ts';
import {
  appearances,
  complaintsOf,
  overflowWidth,
  screens,
  textOutsideCharts,
  violations,
} from './appearances.ts';

describeReal('the live page in a browser', [chromium], () => {
  let browser: Browser;
  let source: ExampleSource;
  let served: LivePage;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    await mkdir('test-artifacts', { recursive: true });
    browser = await chromium.start();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    source = new ExampleSource();
    served = await startLivePage({ source, port: 0 });
  });
  afterEach(async () => {
    for (const context of opened.splice(0)) {
      await context.close();
    }
    await served.close();
  });

  /** Opens the page and collects the browser's errors and warnings, and requests to other servers. */
  async function open(
    options: Parameters<Browser['newContext']>[0] = { viewport: screens.desktop },
    connected = true,
  ) {
    const context = await browser.newContext(options);
    opened.push(context);
    const page = await context.newPage();
    const problems = complaintsOf(page, (url) => url.startsWith(served.url));
    await page.goto(served.url);
    if (connected) {
      await page.getByText('Connected: what you see is now.').waitFor();
    }
    return { page, problems };
  }

  const joined = (number: number) =>
    rowsOfAnswer(usersJoinedByYear).map((row) => ({ ...row, number_users_joined: number }));

  /** Waits until every chart is drawn, also those out of sight. */
  async function allDrawn(page: Page): Promise<void> {
    for (const { name } of queries) {
      await page.locator(`#chart-${name} svg text`).first().waitFor();
    }
  }

  it.each(appearances)(
    'fits a $screen screen in $scheme, without browser errors or accessibility violations',
    async ({ scheme, screen }) => {
      const { page, problems } = await open({ colorScheme: scheme, viewport: screens[screen] });
      await allDrawn(page);
      expect(await overflowWidth(page)).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-artifacts/live-${screen}-${scheme}.png`, fullPage: true });
      expect(await textOutsideCharts(page)).toEqual([]);
      expect(await violations(page)).toEqual([]);
      expect(problems).toEqual([]);
    },
  );

  it('shows all answers at once on a wall screen', async () => {
    const { page } = await open({ viewport: screens.wall });
    await allDrawn(page);
    await page.screenshot({ path: 'test-artifacts/live-wall-at-once.png' });
    const bottoms = await page
      .locator('.chart')
      .evaluateAll((charts) => charts.map((chart) => chart.getBoundingClientRect().bottom));
    expect(bottoms).toHaveLength(queries.length);
    expect(Math.max(...bottoms)).toBeLessThanOrEqual(screens.wall.height);
  });

  it('shows the numbers of the API in charts and tables', async () => {
    const { page, problems } = await open();
    await allDrawn(page);
    const answers = await page.evaluate(() => fetch('/api/answers').then((response) => response.json()));
    for (const query of queries) {
      const rows: Record<string, unknown>[] = answers[query.name];
      const labels = (await page.locator(`#chart-${query.name} text`).allTextContents()).join('\n');
      for (const row of query.chart.kind !== 'lines' ? rows.slice(0, 20) : []) {
        expect(labels).toContain(readableNumber(Number(row[query.chart.value])));
      }
      expect(await page.locator(`#${query.name} tbody tr`).count()).toBe(rows.length);
    }
    expect(problems).toEqual([]);
  });

  it('animates charts and updates numbers and tables when posts arrive', async () => {
    const { page, problems } = await open();
    const chart = page.locator('#chart-users_joined_by_year');
    await chart.scrollIntoViewIfNeeded();
    const bar = chart.locator('svg path[fill="#b3123f"]').first();
    await bar.waitFor();
    // Collects the shapes of the first column.
    await bar.evaluate((path) => {
      const seen = new Set<string>();
      new MutationObserver(() => {
        seen.add(path.getAttribute('d') ?? '');
        document.body.dataset.shapes = String(seen.size);
      }).observe(path, { attributes: true });
    });
    source.set(usersJoinedByYear, [{ join_year: 2015, number_users_joined: 3 }, ...joined(77_777).slice(1)]);
    await chart.getByText('77,777').first().waitFor();
    await page.waitForFunction(() => Number(document.body.dataset.shapes) > 3);
    expect(await page.locator('#users_joined_by_year tbody td').allTextContents()).toEqual([
      '3',
      ...Array.from({ length: 5 }, () => '77,777'),
    ]);
    source.setStatus({ eventsPerSecond: 12_345 });
    await page.locator('#facts').getByText('12,345').waitFor();
    expect(problems).toEqual([]);
  });

  it('does not animate charts for readers who prefer reduced motion', async () => {
    const { page } = await open({ viewport: screens.desktop, reducedMotion: 'reduce' });
    const chart = page.locator('#chart-users_joined_by_year');
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('svg path[fill="#b3123f"]').first().waitFor();
    await chart.evaluate((element) => {
      const seen = new Set<string>();
      new MutationObserver(() => {
        const shape = element.querySelector('svg path[fill="#b3123f"]')?.getAttribute('d');
        if (shape) {
          seen.add(shape);
        }
        document.body.dataset.shapes = [...seen].join('\n');
      }).observe(element, { attributes: true, childList: true, subtree: true });
    });
    source.set(usersJoinedByYear, [{ join_year: 2015, number_users_joined: 3 }, ...joined(77_777).slice(1)]);
    await chart.getByText('77,777').first().waitFor();
    // An animation would have begun a frame later.
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    const shapes = await page.evaluate(() => document.body.dataset.shapes ?? '');
    expect(shapes.split('\n').length).toBeLessThanOrEqual(2);
  });

  it('shows a chart as soon as rows exist, and removes it when none do', async () => {
    const rows = source.rows(topUserByCountry);
    source.set(topUserByCountry, []);
    const { page, problems } = await open();
    const card = page.locator('#top_user_by_country');
    await card.scrollIntoViewIfNeeded();
    await card.getByText('No row answers this question yet.').waitFor();
    source.set(topUserByCountry, rows);
    await card.locator('svg text').first().waitFor();
    source.set(topUserByCountry, []);
    await card.getByText('No row answers this question yet.').waitFor();
    source.set(topUserByCountry, rows.slice(0, 3));
    await card.locator('svg text').nth(2).waitFor();
    source.set(topUserByCountry, [{ country: 'Peru', poster_name: 'Ann', follower_count: 5 }]);
    await card.locator('.map use.shade-1', { hasText: 'Peru, Ann, 5' }).waitFor();
    source.set(topUserByCountry, rows.slice(0, 3));
    await card.locator('.map use.shade-1').waitFor({ state: 'detached' });
    expect(await card.locator('tbody tr').count()).toBe(3);
    expect(problems).toEqual([]);
  });

  it('says that the run has ended, and reconnects when the server is back', async () => {
    const { page } = await open();
    const { port } = new URL(served.url);
    await served.close();
    await page.getByText('The run has ended. These are its last numbers').waitFor();
    source = new ExampleSource();
    source.set(usersJoinedByYear, joined(4_242));
    served = await startLivePage({ source, port: Number(port) });
    await page.getByText('Connected: what you see is now.').waitFor();
    await page.locator('#users_joined_by_year').getByText('4,242').first().waitFor();
    source.set(usersJoinedByYear, joined(4_243));
    await page.locator('#users_joined_by_year').getByText('4,243').first().waitFor();
  });

  it('has controls that can all be reached and used with the keyboard', async () => {
    const { page, problems } = await open();
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || (document.activeElement?.textContent ?? ''));
    const order: string[] = [];
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual(['Skip to the answers', 'pause', 'rate-field', 'Set', 'hold', 'charts-only']);
    await page.locator('#pause').focus();
    await page.keyboard.press('Space');
    await page.getByText('The emulator is paused.').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('The emulator goes on.').waitFor();
    await page.locator('#rate-field').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('250');
    await page.keyboard.press('Enter');
    await page.getByText('The emulator now sends 250 posts a second.').waitFor();
    expect(source.emulator?.commands).toEqual(['pause', 'resume', 'rate 250']);
    await page.locator('#charts-only').focus();
    await page.keyboard.press('Space');
    expect(await page.locator('#users_joined_by_year .table').isVisible()).toBe(false);
    await page.keyboard.press('Space');
    expect(await page.locator('#users_joined_by_year .table').isVisible()).toBe(true);
    expect(problems).toEqual([]);
  });

  it('shows the error of an invalid rate, and leaves the emulator unchanged', async () => {
    const { page } = await open();
    await page.getByLabel('Posts a second').fill('-3');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.getByText('R above 0 and at most 10000').waitFor();
    expect(source.emulator?.commands).toEqual([]);
  });

  it('shows a pause that another reader requested', async () => {
    const { page } = await open();
    source.emulator?.pause();
    await page.locator('#pause[aria-pressed="true"]').waitFor();
    await page.locator('#emulator').getByText('The emulator is paused').waitFor();
  });

  it('shows nothing new while it is held still, and then the newest', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Hold the page still' }).click();
    const cell = page.locator('#users_joined_by_year tbody td').first();
    const before = await cell.textContent();
    source.set(usersJoinedByYear, joined(1));
    source.set(usersJoinedByYear, joined(2));
    // Once another reader has the update, this one has it too.
    const other = await open();
    await other.page
      .locator('#users_joined_by_year tbody td')
      .getByText('2', { exact: true })
      .first()
      .waitFor();
    expect(await cell.textContent()).toBe(before);
    await page.getByRole('button', { name: 'Hold the page still' }).click();
    await page.locator('#users_joined_by_year tbody td').getByText('2', { exact: true }).first().waitFor();
  });

  it('keeps focus and scroll position when numbers change', async () => {
    const { page } = await open();
    const table = page.locator('#top_user_by_country .table');
    await table.focus();
    const scrolled = 300;
    await table.evaluate((element, top) => element.scrollTo({ top, behavior: 'instant' }), scrolled);
    const rows = source.rows(topUserByCountry).map((row) => ({ ...row, follower_count: 5 }));
    source.set(topUserByCountry, rows);
    await table.getByText('5', { exact: true }).first().waitFor();
    expect(
      await table.evaluate((element) => [element === document.activeElement, element.scrollTop]),
    ).toEqual([true, scrolled]);
  });

  it('announces changes of the stream state to screen readers, but not those of numbers', async () => {
    const { page } = await open();
    await page.evaluate(() => {
      document.body.dataset.announced = '0';
      for (const region of Array.from(document.querySelectorAll('[role="status"], [aria-live]'))) {
        new MutationObserver(() => {
          document.body.dataset.announced = String(Number(document.body.dataset.announced) + 1);
        }).observe(region, { childList: true, characterData: true, subtree: true });
      }
    });
    for (let number = 1; number <= 5; number += 1) {
      source.set(usersJoinedByYear, joined(number));
      source.setStatus({ eventsPerSecond: number });
      await page.locator('#facts div').first().getByText(String(number), { exact: true }).waitFor();
    }
    const announced = () => page.evaluate(() => document.body.dataset.announced);
    expect(await announced()).toBe('0');
    source.setStatus({ state: 'waiting', message: 'No answer from 127.0.0.1:9092.' });
    await page.getByText('it is asked again. No answer from 127.0.0.1:9092.').waitFor();
    expect(Number(await announced())).toBeGreaterThan(0);
  });

  it('shows names as text, whatever they contain', async () => {
    const { page, problems } = await open();
    await allDrawn(page);
    expect(await page.locator('article img, article script').count()).toBe(0);
    expect(await page.title()).toBe('Pinterest pipeline: live');
    expect(problems).toEqual([]);
  });

  it('shows the numbers of the moment of opening where JavaScript is off', async () => {
    const { page } = await open({ javaScriptEnabled: false }, false);
    expect(await page.getByText('Not connected: this page shows how things were').isVisible()).toBe(true);
    const rows = (query: Query) => page.locator(`#${query.name} tbody tr`).count();
    expect(await rows(topUserByCountry)).toBe(200);
  });
});
