// Draws the charts of a report, in the colours the reader's system asks for, as wide as the page lets them be.
(() => {
  const options = JSON.parse(document.getElementById('charts').textContent);
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');

  // Text of charts grows with the page's, as far as there is room for it between bars.
  const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const growth = Math.min(1.33, Math.max(1, rootSize / 16));
  const grown = (option) =>
    JSON.parse(JSON.stringify(option), (key, value) => {
      if (key === 'fontSize') return value * growth;
      return key === 'position' && Array.isArray(value) ? value.map((pixels) => pixels * growth) : value;
    });

  for (const [name, { light, dark }] of Object.entries(options)) {
    const place = document.getElementById(`chart-${name}`);
    if (place === null) continue;
    const chart = echarts.init(place, null, { renderer: 'svg' });
    const draw = () => chart.setOption(grown(prefersDark.matches ? dark : light), { notMerge: true });
    draw();
    prefersDark.addEventListener('change', draw);
    new ResizeObserver(() => chart.resize()).observe(place);
  }
})();
