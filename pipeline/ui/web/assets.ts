/** The static files of pages: styles and browser scripts. */

import { readFileSync } from 'node:fs';

/** The content of a file in this folder. */
export function pageFile(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** The script of ECharts, which defines `echarts`. It stays UTF-8 bytes: decoding a megabyte would gain nothing. */
export function echartsScript(): Buffer {
  return readFileSync(new URL('../../../node_modules/echarts/dist/echarts.common.min.js', import.meta.url));
}

/** The script that defines `drawnChart`, with which pages draw their charts. */
export function chartScript(): string {
  return pageFile('drawn_chart.js');
}
