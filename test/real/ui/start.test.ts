import { mkdir } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readableNumber } from '../../../pipeline/ui/readable.ts';
import { queries } from '../../../queries/index.ts';
import { suiteFolder } from '../../support/folder.ts';
import { type NodeProcess, startCommand } from '../../support/process.ts';
import { chromium, describeReal } from '../systems.ts';
import { complaintsOf, screens, violations } from './appearances.ts';

describeReal('npm start in a browser', [chromium], () => {
  let browser: Browser;
  const folder = suiteFolder('start-in-browser');
  let started: NodeProcess | undefined;

  beforeAll(async () => {
    await mkdir('test-artifacts', { recursive: true });
    browser = await chromium.start();
  });
  afterAll(async () => {
    started?.kill();
    await browser?.close();
  });

  /** Starts the command. @returns the URL of its page */
  async function start(...options: readonly string[]): Promise<string> {
    started = startCommand(['start', ...options], { cwd: folder });
    await started.says('Live page  http');
    return /Live page {2}(\S+)/.exec(started.said.output)?.[1] ?? '';
  }

  it('shows posts arrive, controls the emulator, compares batch and stream, and reconnects after a kill', async () => {
    const url = await start('--rate', '100', '--page-port', '0');
    const page = await (await browser.newContext({ viewport: screens.desktop })).newPage();
    const problems = complaintsOf(page);
    await page.goto(url);
    await page.getByText('Connected: what you see is now.').waitFor();
    const eventsRead = async () => {
      const text = await page.locator('#facts dd').nth(1).innerText();
      return Number(text.replaceAll(',', ''));
    };
    const sent = async () => Number((await (await fetch(`${url}api/status`)).json()).emulator.sent);
    const until = async (condition: () => Promise<boolean>) => {
      while (!(await condition())) {
        await page.waitForTimeout(50);
      }
    };
    await until(async () => (await eventsRead()) > 0);
    const before = await eventsRead();
    await until(async () => (await eventsRead()) > before);
    await page.locator('#chart-users_joined_by_year svg text').first().waitFor();

    await page.getByLabel('Posts a second').fill('400');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.getByText('The emulator sends 400 posts a second').waitFor();
    const atNewRate = await sent();
    await until(async () => (await sent()) > atNewRate + 400);

    await page.getByRole('button', { name: 'Pause the emulator' }).click();
    await page.locator('.verdict.same').waitFor();
    const paused = await sent();
    expect(await eventsRead()).toBe(3 * paused);
    const answers = await (await fetch(`${url}api/answers`)).json();
    for (const { name, chart } of queries.filter(({ chart }) => chart.kind !== 'lines')) {
      const largest = Math.max(
        ...answers[name].map((row: Record<string, unknown>) => Number(row[chart.value])),
      );
      await page.locator(`#chart-${name}`).getByText(readableNumber(largest)).first().waitFor();
      expect(await page.locator(`#${name} tbody tr`).count()).toBe(answers[name].length);
    }
    await page.screenshot({ path: 'test-artifacts/start-desktop-light.png', fullPage: true });
    expect(await violations(page)).toEqual([]);
    expect(await sent()).toBe(paused);
    expect(problems).toEqual([]);

    started?.kill();
    await started?.ended;
    await page.getByText('The connection is lost.').waitFor();
    await start('--rate', '50', '--page-port', new URL(url).port);
    await page.getByText('Connected: what you see is now.').waitFor();
    await until(async () => (await eventsRead()) > 3 * paused);
    started?.kill('SIGINT');
    expect(await started?.ended).toMatchObject({ status: 0, errors: '' });
    await page.getByText('The run has ended.').waitFor();
  });
});
