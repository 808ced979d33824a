/** The screens and colour schemes in which pages are tested, and their checks. */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';

export const screens = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1280, height: 900 },
  wall: { width: 2560, height: 1440 },
};

export const appearances = (['light', 'dark'] as const).flatMap((scheme) =>
  (['phone', 'desktop', 'wall'] as const).map((screen) => ({ scheme, screen })),
);

/** The number of pixels by which the page is wider than the screen. */
export function overflowWidth(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** Labels that extend beyond their chart. */
export function textOutsideCharts(page: Page): Promise<string[]> {
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

/** Gathers what the browser complains about, and requests for other than data and what `isOwn` allows. */
export function complaintsOf(page: Page, isOwn: (url: string) => boolean = () => true): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(message.text());
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!isOwn(request.url()) && !request.url().startsWith('data:')) {
      complaints.push(request.url());
    }
  });
  return complaints;
}

/**
 * Opens a page from disk without a network, and collects the browser's errors, warnings and requests.
 * @param isOwn tells the requests that the page may make; default: for the page itself
 */
export async function openedFromDisk(
  browser: Browser,
  address: string,
  { scheme, screen }: { readonly scheme: 'light' | 'dark'; readonly screen: keyof typeof screens },
  isOwn = (url: string) => url === address,
) {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: screens[screen],
    offline: true,
  });
  const page = await context.newPage();
  const problems = complaintsOf(page, isOwn);
  await page.goto(address);
  return { page, problems, close: () => context.close() };
}

/** Axe's findings of every impact. */
export async function violations(page: Page): Promise<unknown> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html, failureSummary }) => html + failureSummary) })))',
  );
}
