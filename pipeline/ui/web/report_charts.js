// Draws the charts of a report.
for (const [name, options] of Object.entries(JSON.parse(document.getElementById('charts').textContent))) {
  const element = document.getElementById(`chart-${name}`);
  if (element !== null) {
    drawnChart(element).draw(options);
  }
}
