/** Charts of the results as SVG files, drawn by ECharts without a browser. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EChartsCoreOption, init } from 'echarts';
import { replaceFile } from '../pipeline/storage/durable_files.ts';
import type { Comparison, OperatorMeasure, Results, SparkMeasure } from './results.ts';
import { median } from './results.ts';
import { readablePosts, secondsOf } from './tables.ts';

const width = 900;

/** Writes the charts for which there are results into a folder. */
export async function writeCharts(folder: string, { comparisons, operators, spark }: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  const answers = comparisons.filter(({ work }) => work === 'answers');
  const largest = Math.max(...answers.map(({ posts }) => posts).filter((posts) => posts <= 1_000_000));
  const charts = {
    'ratios.svg':
      answers.length > 0 &&
      ratios(
        answers.filter(({ posts }) => posts === largest),
        largest,
      ),
    'scaling.svg': answers.length > 0 && scaling(answers),
    'operators.svg': operators.length > 0 && operatorLines(operators),
    'spark.svg': spark.length > 0 && sparkBars(spark),
  };
  for (const [name, option] of Object.entries(charts)) {
    if (option !== false) {
      await replaceFile(join(folder, name), svgOf(option));
    }
  }
}

/** A chart as SVG. */
export function svgOf(option: EChartsCoreOption, height = 480): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    grid: { left: 140, right: 60, top: 90 },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** The time of each peer as a multiple of ours. */
function ratios(answers: readonly Comparison[], posts: number): EChartsCoreOption {
  const bars = answers
    .map(({ title, ours, theirs }) => ({ title, ratio: secondsOf(theirs) / secondsOf(ours) }))
    .sort((a, b) => b.ratio - a.ratio);
  return {
    title: { text: `${readablePosts(posts)} posts, JSON to nine answers: times as long as ours` },
    xAxis: { type: 'log', min: 0.1 },
    yAxis: { type: 'category', data: bars.map(({ title }) => title) },
    series: [
      {
        type: 'bar',
        data: bars.map(({ ratio }) => Number(ratio.toFixed(1))),
        label: { show: true, position: 'right', formatter: '{c} ×' },
        markLine: { symbol: 'none', data: [{ xAxis: 1, name: 'ours' }], label: { formatter: 'ours' } },
      },
    ],
  };
}

/** Seconds by posts: ours over all runs at a size, and those of peers measured at several sizes. */
function scaling(answers: readonly Comparison[]): EChartsCoreOption {
  const sizes = [...new Set(answers.map(({ posts }) => posts))].sort((a, b) => a - b);
  const line = (name: string, seconds: (posts: number) => number) => ({
    name,
    type: 'line',
    data: sizes.flatMap((posts) =>
      Number.isNaN(seconds(posts)) ? [] : [[posts, Number(seconds(posts).toFixed(3))]],
    ),
  });
  const at = (posts: number) => answers.filter((one) => one.posts === posts);
  const peers = [...new Set(answers.map(({ title }) => title))];
  const lines = [
    line('ours', (posts) => secondsOf(at(posts).flatMap(({ ours }) => ours))),
    ...peers
      .map((name) =>
        line(name, (posts) =>
          secondsOf(at(posts).flatMap(({ title, theirs }) => (title === name ? theirs : []))),
        ),
      )
      .filter(({ data }) => data.length > 1),
  ];
  return {
    title: { text: 'JSON to nine answers: seconds by posts' },
    legend: { top: 48 },
    xAxis: { type: 'log', name: 'posts' },
    yAxis: { type: 'log', name: 'seconds' },
    series: lines,
  };
}

function operatorLines(operators: readonly OperatorMeasure[]): EChartsCoreOption {
  const ours = operators.filter(({ contestant, change }) => contestant === 'ours' && change === 'leaves');
  const names = [...new Set(ours.map(({ operator }) => operator))];
  return {
    title: { text: 'One event taken back: microseconds by existing events' },
    legend: { top: 48 },
    xAxis: { type: 'log', name: 'events' },
    yAxis: { type: 'value', name: 'µs', min: 0 },
    series: names.map((name) => ({
      name,
      type: 'line',
      data: ours
        .filter(({ operator }) => operator === name)
        .map(({ events, microseconds }) => [events, Number(median(microseconds).toFixed(2))]),
    })),
  };
}

/** Seconds of each step on Spark, beside the plain notebook where it has one. */
function sparkBars(spark: readonly SparkMeasure[]): EChartsCoreOption {
  const bars = [...spark].reverse();
  const seconds = (of: 'ours' | 'theirs') =>
    bars.map((bar) => {
      const value = median(bar[of].map((run) => run.seconds));
      return Number.isNaN(value) ? null : Number(value.toFixed(1));
    });
  const series = (name: string, of: 'ours' | 'theirs') => ({
    name,
    type: 'bar',
    data: seconds(of),
    label: { show: true, position: 'right', formatter: '{c} s' },
  });
  return {
    title: { text: 'Notebooks on local Spark: seconds by step and posts before it' },
    legend: { top: 48 },
    grid: { left: 240, right: 60, top: 90 },
    xAxis: { type: 'value', name: 's', min: 0 },
    yAxis: { type: 'category', data: bars.map(({ step, posts }) => `${step}, ${readablePosts(posts)}`) },
    series: [series('ours', 'ours'), series('plain notebook', 'theirs')],
  };
}
