/** Times and dates in UTC, in the proleptic Gregorian calendar. */
import { call, type Expression, literal } from '../expression.ts';
import type { TimeUnit } from '../timestamp.ts';

type Timestamp = Expression<'timestamp'>;
type Time = Timestamp | Expression<'date'>;

/**
 * The quarter of the year, 1 to 4.
 * @example
 * posts.select((row) => ({ post_quarter: quarter(row.made) }));
 */
export const quarter = (time: Time) => call('quarter', 'int', time);

/**
 * The month of the year, 1 to 12.
 * @example
 * posts.select((row) => ({ post_month: month(row.made) }));
 */
export const month = (time: Time) => call('month', 'int', time);

/**
 * The day of the month, 1 to 31.
 * @example
 * posts.select((row) => ({ post_day: dayOfMonth(row.made) }));
 */
export const dayOfMonth = (time: Time) => call('day_of_month', 'int', time);

/**
 * The day of the week: 1 for Sunday to 7 for Saturday.
 * @example
 * posts.select((row) => ({ weekday: dayOfWeek(row.made) }));
 */
export const dayOfWeek = (time: Time) => call('day_of_week', 'int', time);

/**
 * The number of the week by ISO 8601, 1 to 53: week 1 holds the year's first Thursday.
 * @example
 * posts.select((row) => ({ week: isoWeek(row.made) }));
 */
export const isoWeek = (time: Time) => call('iso_week', 'int', time);

/**
 * The hour of the day, 0 to 23.
 * @example
 * posts.select((row) => ({ post_hour: hour(row.made) }));
 */
export const hour = (time: Timestamp) => call('hour', 'int', time);

/**
 * The start of the year, quarter, month, week (Monday), day, hour, minute or second.
 * @example
 * posts.select((row) => ({ since: truncateTo(row.made, 'month') }));
 */
export const truncateTo = (time: Timestamp, unit: TimeUnit) =>
  call('truncate_to', 'timestamp', time, literal('text', unit));

/**
 * The date of a time.
 * @example
 * posts.select((row) => ({ day: dateOf(row.made) }));
 */
export const dateOf = (time: Timestamp) => call('date_of', 'date', time);

/**
 * The number of midnights from one time to another; negative where the other is earlier.
 * @example
 * posts.select((row) => ({ days: daysBetween(row.made, parseTimestamp(row.made_text)) }));
 */
export const daysBetween = (from: Time, to: Time) => call('days_between', 'int', from, to);

/**
 * The whole seconds from one time to another; negative where the other is earlier.
 * @example
 * posts.select((row) => ({ seconds: secondsBetween(row.made, parseTimestamp(row.made_text)) }));
 */
export const secondsBetween = (from: Timestamp, to: Timestamp) => call('seconds_between', 'bigint', from, to);

/**
 * The date so many days later; null beyond the years 0001 to 9999.
 * @example
 * posts.select((row) => ({ due: addDays(dateOf(row.made), literal('int', 30)) }));
 */
export const addDays = (date: Expression<'date'>, days: Expression<'int'>) =>
  call('add_days', 'date', date, days);

/**
 * The date of a time, or of a text `YYYY-MM-DD`; null for other text.
 * @example
 * posts.where((row) => equals(dateOf(row.made), toDate(literal('text', '2020-02-29'))));
 */
export const toDate = (value: Timestamp | Expression<'text'>) =>
  value.type === 'text' ? call('text_to_date', 'date', value) : dateOf(value);

/**
 * An integer, date (`YYYY-MM-DD`) or time (`YYYY-MM-DD HH:MM:SS`, with a fraction where there is one) as text. Not doubles,
 * which JavaScript and Java write differently.
 * @example
 * posts.select((row) => ({ day: toText(dateOf(row.made)) }));
 */
export const toText = (value: Expression<'int'> | Expression<'bigint'> | Time) =>
  value.type === 'date'
    ? call('date_to_text', 'text', value)
    : value.type === 'timestamp'
      ? call('timestamp_to_text', 'text', value)
      : value.type === 'int'
        ? call('to_text', 'text', call('to_bigint', 'bigint', value))
        : call('to_text', 'text', value);
