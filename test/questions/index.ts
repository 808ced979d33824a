/** Questions that a user would ask of this data. Each test that reads them asks all of them. */
import { categories } from './categories.ts';
import { comparisons } from './comparisons.ts';
import { countries } from './countries.ts';
import { measures } from './measures.ts';
import { people } from './people.ts';
import { posts } from './posts.ts';
import type { Question } from './question.ts';
import { spreads } from './spreads.ts';
import { texts } from './texts.ts';
import { timelines } from './timelines.ts';

/** Those that the vocabulary was made for. */
const first: readonly Question[] = [...categories, ...countries, ...measures, ...posts, ...people];

/** Those that a newcomer asks, written with what was there. */
const others: readonly Question[] = [...timelines, ...texts, ...spreads, ...comparisons];

export const questions: readonly Question[] = [...first, ...others];
