/** The files that pages are made of and that are no program of ours here: styles, and what runs in a browser. */
import { readFileSync } from 'node:fs';

/** A file of this folder, as text. */
export function pageFile(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** ECharts, as one program that defines `echarts`: UTF-8, for it is a megabyte that nobody here has to read. */
export function echartsProgram(): Buffer {
  return readFileSync(new URL('../../../node_modules/echarts/dist/echarts.common.min.js', import.meta.url));
}

/** Defines `drawnChart`, which pages draw their charts with. */
export function drawingProgram(): string {
  return pageFile('drawn_chart.js');
}
