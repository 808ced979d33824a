/**
 * Lifelike posts out of nothing but a seed. A post is made from its index alone, so that any part of the sequence
 * can be made by anyone, in any order: same seed, same posts.
 */
import type { Dataset } from '../pipeline/plan/dataset.ts';
import type { Post, RawEvent } from './event.ts';
import { anyEvent } from './generator/any.ts';
import { geoEvent } from './generator/geo.ts';
import { pinEvent } from './generator/pin.ts';
import { Random } from './generator/random.ts';
import { userEvent } from './generator/user.ts';

/** The three events of a post: `pin.index`, `geo.ind` and `user.ind` are its index. */
export interface GeneratedPost extends Post {
  readonly pin: RawEvent;
  readonly geo: RawEvent;
  readonly user: RawEvent;
}

const random = new Random();

/**
 * Makes one post.
 * @param index which one: 0, 1, 2, …; it becomes the post's key
 * @param seed a whole number; other seeds give other posts
 */
export function generatePost(index: number, seed: number): GeneratedPost {
  return {
    pin: pinEvent(random, seed, index),
    geo: geoEvent(random, seed, index),
    user: userEvent(random, seed, index),
  };
}

type EventMaker = (random: Random, seed: number, index: number) => RawEvent;

const lifelike: Readonly<Record<string, EventMaker>> = { pin: pinEvent, geo: geoEvent, user: userEvent };

/**
 * Makes one post in the given datasets. One that has no lifelike events here yet gets some that have its fields and
 * their types, so that a new dataset flows from the day it is defined.
 */
export function generateEvents(datasets: readonly Dataset[], index: number, seed: number): Post {
  return Object.fromEntries(
    datasets.map((dataset) => {
      const make = lifelike[dataset.name];
      const event = make ? make(random, seed, index) : anyEvent(dataset, random, seed, index);
      return [dataset.name, event];
    }),
  );
}
