// One chart on a page: in the colours the reader's system asks for, as wide as the page lets it be.

// How much larger text is than in the options: it grows with the page's, as far as the chart has room for it.
function growthOfText(place) {
  const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.max(1, Math.min(1.33, rootSize / 16, place.clientWidth / 300));
}

function grown(option, growth) {
  return JSON.parse(JSON.stringify(option), (key, value) => {
    if (key === 'fontSize') return value * growth;
    return key === 'position' && Array.isArray(value) ? value.map((pixels) => pixels * growth) : value;
  });
}

// The kinds of its series and axes: a chart that keeps them can move to its new numbers.
function shapeOf({ series, xAxis, yAxis }) {
  return [...series.map(({ type }) => type), xAxis.type, yAxis.type].join();
}

// Draws options of both colour schemes in a place; `moving`: the change of numbers is seen as a movement.
// biome-ignore lint/correctness/noUnusedVariables: the programs behind this one use it
function drawnChart(place) {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const prefersStill = matchMedia('(prefers-reduced-motion: reduce)');
  const chart = echarts.init(place, null, { renderer: 'svg' });
  let options = null;
  let shape = '';
  let growth = 1;
  const drawAnew = () => {
    const option = prefersDark.matches ? options.dark : options.light;
    growth = growthOfText(place);
    chart.setOption(grown(option, growth), { notMerge: true });
    shape = shapeOf(option);
  };
  const move = () => {
    const option = prefersDark.matches ? options.dark : options.light;
    if (shapeOf(option) !== shape || prefersStill.matches) return drawAnew();
    const motion = { animation: true, animationDurationUpdate: 400, animationEasingUpdate: 'cubicOut' };
    chart.setOption({ ...grown(option, growth), ...motion }, { replaceMerge: ['series'] });
  };
  const onScheme = () => options !== null && drawAnew();
  prefersDark.addEventListener('change', onScheme);
  const resizing = new ResizeObserver(() => {
    chart.resize();
    if (options !== null && growthOfText(place) !== growth) drawAnew();
  });
  resizing.observe(place);
  return {
    place,
    draw: (next, moving = false) => {
      options = next;
      moving ? move() : drawAnew();
    },
    end: () => {
      prefersDark.removeEventListener('change', onScheme);
      resizing.disconnect();
      chart.dispose();
    },
  };
}
