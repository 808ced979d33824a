import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { generateEvents } from '../generator.ts';
import type { PostSource } from './source.ts';

/** Generated posts, one after another without end: same seed, same posts. */
export function syntheticSource(datasets: readonly Dataset[], seed: number, firstPost = 0): PostSource {
  let index = firstPost;
  return {
    next: async () => {
      const post = generateEvents(datasets, index, seed);
      index += 1;
      return post;
    },
    close: async () => {},
  };
}
