/** A run that is a process of its own, for tests: `LANDING LAKE [STEP]`, killed right after it has written so many tables. */
import { runInto } from './run_into.ts';

const [landing = '', lake = '', step = ''] = process.argv.slice(2);
process.stdout.write('started\n');
await runInto(lake, landing, {
  onTable: (written) => {
    if (written === Number(step)) {
      process.kill(process.pid, 'SIGKILL');
    }
  },
});
