/** Two runs of the batch notebook at once. */
import { expect } from 'vitest';

/** The notebook, in which two runs wait for each other right before they write to a table of pins. */
export function meeting(notebook: string): string {
  const [before, signature, body] = notebook.split(/(def write\(.*\n)/);
  expect(signature).toBeDefined();
  return `${before}${signature}    meet(path)\n${body}`;
}

/** Runs a notebook twice at once; the result is the errors of those that failed. */
export const twoAtOnce = `
import builtins, threading
barriers = {name: threading.Barrier(2) for name in input["places"]}
def meet(path):
    for name, barrier in barriers.items():
        if path.endswith(name):
            try:
                barrier.wait(60)
            except threading.BrokenBarrierError:
                pass
builtins.meet = meet
exec(input["handedIn"])
failed = []
def one():
    try:
        run_notebook(input["source"], input["widgets"])
    except Exception as error:
        failed.append(str(error))
    finally:
        # The other one would wait for a run that has ended.
        for barrier in barriers.values(): barrier.abort()
runs = [threading.Thread(target=one) for _ in range(2)]
for started in runs: started.start()
for started in runs: started.join()
output = failed
`;
