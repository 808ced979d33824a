// Loaded into a process that is measured: says at its end how much memory it held at most.
process.on('exit', () => {
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  process.stderr.write(`Peak memory: ${mebibytes.toFixed(0)} MiB\n`);
});
