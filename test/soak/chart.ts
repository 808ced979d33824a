/** Draws the metrics of a soak as SVG: posts a second, lag and memory over time, with a line for each fault. */
import { svgOf } from '../../bench/charts.ts';
import type { Sample, SoakReport } from './soak.ts';

const panels = [
  { title: 'posts a second', top: 90, lines: { 'posts a second': rateAt } },
  {
    title: 'records to be read',
    top: 330,
    lines: { 'stream lag': of('streamLag'), 'sink lag': of('sinkLag') },
  },
  {
    title: 'memory, MiB',
    top: 570,
    lines: {
      'gateway memory': of('gatewayMemory'),
      'stream memory': of('streamMemory'),
      'sink memory': of('sinkMemory'),
    },
  },
] as const;

type Value = (samples: readonly Sample[], place: number) => number | null;

export function soakChart({ samples, faults, posts }: SoakReport): string {
  const seconds = samples.at(-1)?.seconds ?? 0;
  return svgOf(
    {
      title: { text: `${posts.sent.toLocaleString('en')} posts in ${seconds.toFixed(0)} s, with faults` },
      legend: { top: 34 },
      grid: panels.map(({ top }) => ({ left: 90, right: 40, top, height: 180 })),
      xAxis: panels.map((_, gridIndex) => ({ type: 'value', gridIndex, max: Math.ceil(seconds) })),
      yAxis: panels.map(({ title }, gridIndex) => ({ type: 'value', gridIndex, name: title, min: 0 })),
      series: panels.flatMap(({ lines }, panel) =>
        Object.entries<Value>(lines).map(([name, value], line) => ({
          name,
          type: 'line',
          showSymbol: false,
          xAxisIndex: panel,
          yAxisIndex: panel,
          data: samples.map((sample, place) => [sample.seconds, value(samples, place)]),
          ...(line === 0 ? { markLine: marksOf(faults, panel === 0) } : {}),
        })),
      ),
    },
    800,
  );
}

function of(name: keyof Sample): Value {
  return (samples, place) => samples[place]?.[name] ?? null;
}

function rateAt(samples: readonly Sample[], place: number): number | null {
  const [before, now] = [samples[place - 1], samples[place]];
  return before === undefined || now === undefined
    ? null
    : (now.posts - before.posts) / (now.seconds - before.seconds);
}

/** Names are written once, along the lines, and in the first round alone: later ones repeat it. */
function marksOf(faults: SoakReport['faults'], named: boolean) {
  const first = new Set<string>();
  return {
    symbol: 'none',
    lineStyle: { color: '#999', width: 1 },
    data: faults.map(({ seconds, name }) => {
      const show = named && !first.has(name);
      first.add(name);
      return { xAxis: seconds, label: { show, formatter: name, position: 'insideEndTop', fontSize: 10 } };
    }),
  };
}
