/** Processes that are killed at a moment of their work, and started again. */
import { expect } from 'vitest';
import type { Ended, NodeProcess } from './process.ts';

/** Reports each moment of a process's work, by what it was doing. @returns a function that ends the reports */
export type Watch = (moment: (stage: string) => void, child: NodeProcess) => () => void | Promise<void>;

export interface KilledOrDone extends Ended {
  readonly wasKilled: boolean;
  /** The last moment's stage. */
  readonly stage: string;
}

/** The seed of the kills: CRASH_SEED, or one by the time. Printed, so that a failure can be repeated. */
export function crashSeed(): number {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
  console.info(`seed ${seed}: run again with CRASH_SEED=${seed}`);
  return seed;
}

/** Kills a process at the moment of this number, counted from 1: at once when it is 0, and never when it is undefined. */
export async function killAt(
  moment: number | undefined,
  child: NodeProcess,
  watch: Watch,
): Promise<KilledOrDone> {
  let stage = 'start';
  let moments = 0;
  const stop = watch((reached) => {
    stage = reached;
    moments += 1;
    if (moments === moment) {
      child.kill();
    }
  }, child);
  if (moment === 0) {
    child.kill();
  }
  const ended = await child.ended;
  await stop();
  expect(ended.signal ?? ended.status, ended.errors).toBeOneOf(['SIGKILL', 0]);
  return { ...ended, wasKilled: ended.signal === 'SIGKILL', stage };
}

/** Runs and kills until so many runs have been killed; runs that end by themselves before are not counted. @returns the stages of the kills */
export async function killOften(
  kills: number,
  run: (round: number) => Promise<KilledOrDone>,
): Promise<readonly string[]> {
  const stages: string[] = [];
  for (let round = 0; stages.length < kills; round += 1) {
    const { wasKilled, stage } = await run(round);
    if (wasKilled) {
      stages.push(stage);
    }
  }
  return stages;
}
