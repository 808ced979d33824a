// Draws the charts of a report, in the colours the reader's system asks for, as wide as the page lets them be.
(() => {
  const options = JSON.parse(document.getElementById('charts').textContent);
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');

  for (const [name, { light, dark }] of Object.entries(options)) {
    const place = document.getElementById(`chart-${name}`);
    if (place === null) continue;
    const chart = echarts.init(place, null, { renderer: 'svg' });
    const draw = () => chart.setOption(prefersDark.matches ? dark : light, { notMerge: true });
    draw();
    prefersDark.addEventListener('change', draw);
    new ResizeObserver(() => chart.resize()).observe(place);
  }
})();
