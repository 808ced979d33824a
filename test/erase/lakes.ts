/** Lakes and landing files that posts are erased from. */
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { datasets } from '../../pipeline/datasets/index.ts';
import { carryOut, type Erased } from '../../pipeline/erase/erase.ts';
import { appendErasures, readErasures } from '../../pipeline/erasures.ts';
import { queries } from '../../queries/index.ts';
import { rowsOfLanding } from '../batch/lakes.ts';
import { runInto } from '../batch/run_into.ts';
import { temporaryFolder } from '../support/folder.ts';
import { land } from '../support/landing.ts';
import type { Choices } from '../support/random.ts';

/** A line of a landing file. */
export interface Line {
  readonly text: string;
  /** The key that an erasure takes it by; undefined where it cannot be read. */
  readonly key: number | undefined;
}

interface Landed {
  readonly path: string;
  readonly postedAt: number;
  readonly lines: readonly Line[];
}

/** A moment that no other step had: times of files and of erasures are in whole milliseconds. */
async function nextMoment(): Promise<number> {
  await pause(2);
  return Date.now();
}

/** A landing folder and a lake, and what was posted and erased: what must be left follows from that. */
export class ErasedLake {
  readonly landing: string;
  readonly lake: string;
  private readonly landed: Landed[] = [];
  private readonly erased = new Map<number, { at: number; returns: boolean }>();

  constructor(folder: string) {
    this.landing = join(folder, 'landing');
    this.lake = join(folder, 'lake');
  }

  get places() {
    return { landing: this.landing, lake: this.lake, datasets, queries };
  }

  async post(dataset: string, lines: readonly Line[], isCompressed = false): Promise<string> {
    const postedAt = await nextMoment();
    const name = `${dataset}+0+${String(1000 * this.landed.length).padStart(10, '0')}.json`;
    const path = `topics/${dataset}/partition=0/${name}${isCompressed ? '.gz' : ''}`;
    const content = lines.map(({ text }) => `${text}\n`).join('');
    await land(this.landing, path, isCompressed ? gzipSync(content) : content);
    await utimes(join(this.landing, path), postedAt / 1000, postedAt / 1000);
    this.landed.push({ path, postedAt, lines });
    return path;
  }

  /** Commits an erasure, and carries nothing out. @param commit another way to commit it */
  async commitErasure(
    keys: readonly number[],
    returns = false,
    commit: () => Promise<unknown> = () => appendErasures(this.lake, keys, { reason: null, returns }),
  ): Promise<void> {
    await nextMoment();
    await commit();
    const { upTo } = await readErasures(this.lake);
    for (const key of keys) {
      this.erased.set(key, { at: upTo, returns });
    }
    await nextMoment();
  }

  async erase(keys: readonly number[], returns = false): Promise<Erased> {
    await this.commitErasure(keys, returns);
    return this.carryOut();
  }

  /** Carries out what was committed. */
  async carryOut(onStep?: (step: string) => void): Promise<Erased> {
    return carryOut(this.places, await readErasures(this.lake), onStep);
  }

  async batch() {
    return runInto(this.lake, this.landing);
  }

  /** The lines that are left of each file. */
  get left(): readonly { readonly path: string; readonly texts: readonly string[] }[] {
    return this.landed.map(({ path, postedAt, lines }) => {
      const isLeft = ({ key }: Line) => {
        const erased = key === undefined ? undefined : this.erased.get(key);
        return erased === undefined || (erased.returns && postedAt > erased.at);
      };
      return { path, texts: lines.filter(isLeft).map(({ text }) => text) };
    });
  }

  /** The tables of a lake that only what is left was ever posted to, answered by Arquero. */
  async expected(): Promise<Record<string, string[]>> {
    const landing = temporaryFolder('left');
    for (const { path, texts } of this.left) {
      const content = texts.map((text) => `${text}\n`).join('');
      await land(landing, path, path.endsWith('.gz') ? gzipSync(content) : content);
    }
    // A lake that lacks a dataset's files cannot be read alone.
    await writeFile(join(landing, 'topics', 'pin', 'partition=0', 'pin+0+0000099999.json'), '\ufeff');
    return rowsOfLanding(landing);
  }
}

const countries = ['Peru', 'Chile', 'Mali', 'Oman'];
const categories = ['art', 'diy', 'travel'];

/** Random lines of a dataset: of a few keys, some repeated, and some that are no events but name a key, or none. */
export function randomLines(choices: Choices, dataset: string): Line[] {
  const field = dataset === 'pin' ? 'index' : 'ind';
  return Array.from({ length: 1 + choices.below(8) }, (): Line => {
    const key = 1 + choices.below(9);
    const events = {
      pin: {
        index: key,
        category: choices.of('art', ...categories),
        poster_name: `Zoë ${key}`,
        follower_count: `${choices.below(3)}k`,
      },
      geo: {
        ind: key,
        country: choices.of('Peru', ...countries),
        timestamp: `20${17 + choices.below(6)}-01-02 03:04:05`,
      },
      user: {
        ind: key,
        first_name: 'Ŧhiago',
        last_name: `Ünal${choices.below(2)}`,
        age: 18 + choices.below(40),
        date_joined: `20${14 + choices.below(8)}-05-06 07:08:09`,
      },
    };
    const event = JSON.stringify(events[dataset as keyof typeof events]);
    switch (choices.below(8)) {
      case 0:
        return { text: event.slice(0, event.indexOf(',') + 3), key };
      case 1:
        return { text: `{"${field}":"${key}","title":"x"}`, key };
      case 2:
        return { text: `rubbish ${choices.below(3)}`, key: undefined };
      case 3:
        return { text: JSON.stringify(event), key };
      default:
        return { text: event, key };
    }
  });
}
