// Draws the charts of a report.
for (const [name, options] of Object.entries(JSON.parse(document.getElementById('charts').textContent))) {
  const place = document.getElementById(`chart-${name}`);
  if (place !== null) drawnChart(place).draw(options);
}
