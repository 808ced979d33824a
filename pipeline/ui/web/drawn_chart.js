// One chart on a page, in the colour scheme of the reader's system and as wide as the page.

// The factor by which text is larger than in the options: that of the page, limited by the chart's width.
function textScale(element) {
  const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.max(1, Math.min(1.33, rootSize / 16, element.clientWidth / 300));
}

function scaled(option, scale) {
  return JSON.parse(JSON.stringify(option), (key, value) => {
    if (key === 'fontSize') {
      return value * scale;
    }
    return key === 'position' && Array.isArray(value) ? value.map((pixels) => pixels * scale) : value;
  });
}

// The kinds of its series and axes: a chart can animate its change while they stay the same.
function shapeOf({ series, xAxis, yAxis }) {
  return [...series.map(({ type }) => type), xAxis.type, yAxis.type].join();
}

// A chart in an element. `draw` takes the options of both colour schemes, and whether to animate the change.
// biome-ignore lint/correctness/noUnusedVariables: the scripts after this one use it
function drawnChart(element) {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const prefersReducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const chart = echarts.init(element, null, { renderer: 'svg' });
  let options = null;
  let shape = '';
  let scale = 1;
  const redraw = () => {
    const option = prefersDark.matches ? options.dark : options.light;
    scale = textScale(element);
    chart.setOption(scaled(option, scale), { notMerge: true });
    shape = shapeOf(option);
  };
  const animate = () => {
    const option = prefersDark.matches ? options.dark : options.light;
    if (shapeOf(option) !== shape || prefersReducedMotion.matches) {
      return redraw();
    }
    const motion = { animation: true, animationDurationUpdate: 400, animationEasingUpdate: 'cubicOut' };
    chart.setOption({ ...scaled(option, scale), ...motion }, { replaceMerge: ['series'] });
  };
  const onSchemeChange = () => options !== null && redraw();
  prefersDark.addEventListener('change', onSchemeChange);
  const resizeObserver = new ResizeObserver(() => {
    chart.resize();
    if (options !== null && textScale(element) !== scale) {
      redraw();
    }
  });
  resizeObserver.observe(element);
  return {
    element,
    draw: (next, animated = false) => {
      options = next;
      animated ? animate() : redraw();
    },
    end: () => {
      prefersDark.removeEventListener('change', onSchemeChange);
      resizeObserver.disconnect();
      chart.dispose();
    },
  };
}
