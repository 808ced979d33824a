/** Times and dates, in UTC and the proleptic Gregorian calendar. Both are milliseconds, a date those of its midnight. */
import {
  millisecondsInDay,
  parseUtcTimestamp,
  startOf,
  timestampText,
  utcYear,
  weekOfYear,
} from '../timestamp.ts';
import { type ColumnType, PlanError, type ValueOfType } from '../types.ts';
import { type ScalarFunction, strict, withLiteral } from './rules.ts';

const isTime = (type: ColumnType | undefined) => type === 'timestamp' || type === 'date';

/** A function of as many times or dates as `evaluate` takes. */
function ofTimes<R extends ColumnType>(
  name: string,
  result: R,
  evaluate: (first: number, second: number) => ValueOfType[R],
  spark: (first: string, second: string) => string,
): ScalarFunction {
  const parameters = Math.max(1, evaluate.length);
  return {
    type: (args) => {
      if (args.length !== parameters || !args.every(isTime)) {
        throw new PlanError(
          `${name} takes ${parameters === 1 ? 'a timestamp or date' : 'two timestamps or dates'}, not (${args.join(', ')}).`,
        );
      }
      return result;
    },
    evaluate: (first = null, second = 0) =>
      first === null || second === null ? null : evaluate(Number(first), Number(second)),
    spark: (first = 'NULL', second = 'NULL') => spark(first, second),
  };
}

const dayOf = (time: number) => Math.floor(time / millisecondsInDay);
const lastDay = 2_932_896;
const firstDay = -719_162;

export const times = {
  year: ofTimes(
    'year',
    'int',
    (time) => utcYear(time),
    (time) => `year(${time})`,
  ),
  quarter: ofTimes(
    'quarter',
    'int',
    (time) => Math.floor(new Date(time).getUTCMonth() / 3) + 1,
    (time) => `quarter(${time})`,
  ),
  month: ofTimes(
    'month',
    'int',
    (time) => new Date(time).getUTCMonth() + 1,
    (time) => `month(${time})`,
  ),
  day_of_month: ofTimes(
    'day_of_month',
    'int',
    (time) => new Date(time).getUTCDate(),
    (time) => `dayofmonth(${time})`,
  ),
  /** 1 for Sunday to 7 for Saturday, as in Spark. */
  day_of_week: ofTimes(
    'day_of_week',
    'int',
    (time) => new Date(time).getUTCDay() + 1,
    (time) => `dayofweek(${time})`,
  ),
  iso_week: ofTimes(
    'iso_week',
    'int',
    (time) => weekOfYear(time),
    (time) => `weekofyear(${time})`,
  ),
  hour: strict(
    'hour',
    ['timestamp'],
    'int',
    (time) => new Date(time).getUTCHours(),
    (time) => `hour(${time})`,
  ),

  truncate_to: withLiteral(
    strict(
      'truncate_to',
      ['timestamp', 'text'],
      'timestamp',
      (time, unit) => startOf(unit, time),
      (time, unit) => `date_trunc(${unit}, ${time})`,
    ),
  ),
  date_of: strict(
    'date_of',
    ['timestamp'],
    'date',
    (time) => dayOf(time) * millisecondsInDay,
    (time) => `CAST(${time} AS DATE)`,
  ),
  days_between: ofTimes(
    'days_between',
    'int',
    (from, to) => dayOf(to) - dayOf(from),
    (from, to) => `datediff(${to}, ${from})`,
  ),
  seconds_between: strict(
    'seconds_between',
    ['timestamp', 'timestamp'],
    'bigint',
    (from, to) => Math.trunc((to - from) / 1000) + 0,
    (from, to) => `timestampdiff(SECOND, ${from}, ${to})`,
  ),
  /** Null beyond the years 0001 to 9999. Days are clamped first, because Spark refuses those that no integer counts. */
  add_days: strict(
    'add_days',
    ['date', 'int'],
    'date',
    (date, days) => {
      const day = dayOf(date) + days;
      return day < firstDay || day > lastDay ? null : day * millisecondsInDay;
    },
    (date, days) => {
      const [before, after] = [firstDay - 1, lastDay + 1].map((day) => `date_from_unix_date(${day})`);
      const added = `date_add(${date}, greatest(least(${days}, 4000000), -4000000))`;
      return `nullif(nullif(greatest(least(${added}, ${after}), ${before}), ${after}), ${before})`;
    },
  ),

  text_to_date: strict(
    'text_to_date',
    ['text'],
    'date',
    (text) => (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? parseUtcTimestamp(`${text} 00:00:00`) : null),
    (text) =>
      String.raw`try_cast(regexp_extract(${text}, '\\A(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}\\z', 0) AS DATE)`,
  ),
  date_to_text: strict(
    'date_to_text',
    ['date'],
    'text',
    (date) => timestampText(date).slice(0, 10),
    (date) => `CAST(${date} AS STRING)`,
  ),
  timestamp_to_text: strict(
    'timestamp_to_text',
    ['timestamp'],
    'text',
    timestampText,
    (time) => `CAST(${time} AS STRING)`,
  ),
} satisfies Record<string, ScalarFunction>;
