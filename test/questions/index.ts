/** Questions that a user would ask of this data. Each test that reads them asks all of them. */
import { categories } from './categories.ts';
import { countries } from './countries.ts';
import { measures } from './measures.ts';
import { people } from './people.ts';
import { posts } from './posts.ts';
import type { Question } from './question.ts';

export const questions: readonly Question[] = [...categories, ...countries, ...measures, ...posts, ...people];
