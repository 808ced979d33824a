/**
 * The table of functions that expressions can call. Each entry has its type rule, its meaning in JavaScript and its form
 * in Spark SQL side by side, and is the one place where the engines' meanings meet.
 *
 * A null argument makes the result of a `strict` function null, in both engines.
 * The Spark forms are written for Spark 4.0 in ANSI mode with the session time zone UTC.
 */
import { arrays } from './functions/arrays.ts';
import { cleaning } from './functions/cleaning.ts';
import { conditions } from './functions/conditions.ts';
import { numbers } from './functions/numbers.ts';
import type { ScalarFunction } from './functions/rules.ts';
import { strings } from './functions/strings.ts';
import { times } from './functions/times.ts';

export type { ScalarFunction };

export const functions = {
  ...arrays,
  ...cleaning,
  ...conditions,
  ...numbers,
  ...strings,
  ...times,
} satisfies Record<string, ScalarFunction>;

export type FunctionName = keyof typeof functions;
