import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readableNumber, readableValue } from '../../../pipeline/page/readable.ts';
import { writeReport } from '../../../pipeline/page/report.ts';
import { countries, example } from '../../page/example.ts';
import { chromium, describeReal } from '../systems.ts';

const screens = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1280, height: 900 },
  wall: { width: 2560, height: 1440 },
};
const looks = (['light', 'dark'] as const).flatMap((scheme) =>
  (['phone', 'desktop', 'wall'] as const).map((screen) => ({ scheme, screen })),
);

describeReal('the report in a browser', [chromium], () => {
  let browser: Browser;
  let folder: string;
  let address: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-'));
    const file = join(folder, 'report', 'index.html');
    await writeReport(file, example);
    address = pathToFileURL(file).href;
    await mkdir('test-artifacts', { recursive: true });
    browser = await chromium.start();
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the page from disk, off line, and gathers everything that a browser complains about. */
  async function opened(scheme: 'light' | 'dark', screen: keyof typeof screens) {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: screens[screen],
      offline: true,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) complaints.push(request.url());
    });
    await page.goto(address);
    return { page, complaints, close: () => context.close() };
  }

  it.each(looks)(
    'is clear on a $screen screen in $scheme, with no complaint and nothing cut off',
    async ({ scheme, screen }) => {
      const { page, complaints, close } = await opened(scheme, screen);
      expect(await page.locator('.chart svg').count()).toBe(example.answers.length);
      expect(await page.title()).toBe('Pinterest pipeline: the answers');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, 'pixels that the page is wider than the screen').toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-artifacts/report-${screen}-${scheme}.png`, fullPage: true });
      expect(await textOutsideCharts(page)).toEqual([]);
      expect(await violations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await close();
    },
  );
});

/** Texts of charts that reach over their chart's edge. */
function textOutsideCharts(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Array.from(document.querySelectorAll('.chart')).flatMap((chart) => {
      const edge = chart.getBoundingClientRect();
      return Array.from(chart.querySelectorAll('text')).flatMap((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        const inside =
          left >= edge.left - 1 &&
          right <= edge.right + 1 &&
          top >= edge.top - 1 &&
          bottom <= edge.bottom + 1;
        return inside ? [] : [`${chart.id}: ${text.textContent}`];
      });
    }),
  );
}

/** What axe finds, of whatever weight. */
async function violations(page: Page): Promise<unknown> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html, failureSummary }) => html + failureSummary) })))',
  );
}
