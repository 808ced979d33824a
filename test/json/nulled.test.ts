/** Values that a rule makes null are counted, and no others. */
import { describe, expect, it } from 'vitest';
import { geo, pin, user } from '../../pipeline/datasets/index.ts';
import { Decoder } from '../../pipeline/json/decoder.ts';
import { plusNulled } from '../../pipeline/json/nulled.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';

function nulledOf(dataset: Dataset, events: readonly object[], columns?: readonly string[]) {
  const decoder = new Decoder(dataset, {
    ...(columns && { columns }),
    storesAll: columns !== undefined,
  });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const taken = () => {
    decoder.decodeLines(Buffer.from(lines), () => expect.fail());
    return decoder.takeStored().nulled;
  };
  const first = taken();
  expect(taken()).toEqual(first);
  return first;
}

describe('values that a rule makes null', () => {
  it('are counted by column and rule, where the event has a value', () => {
    const events = [
      { index: 1, follower_count: '1.2 million', category: 'art', title: null },
      { index: 2, follower_count: 'User Info Error', category: ' ' },
      { index: 3, follower_count: '3k', category: 'a\\nb' },
      { index: 4, follower_count: null },
      { index: 5 },
    ];
    const expected = {
      'follower_count = follower_count(follower_count)': 2,
      'category = blank_to_null(category)': 1,
    };
    expect(nulledOf(pin, events)).toEqual(expected);
    // The same where strings are only written, and many enough for the loops over rows.
    expect(nulledOf(pin, events, ['ind'])).toEqual(expected);
    const many = Array.from({ length: 2000 }, () => events).flat();
    const times = Object.fromEntries(Object.entries(expected).map(([rule, values]) => [rule, values * 2000]));
    expect(nulledOf(pin, many, ['ind'])).toEqual(times);
    // Most strings of these are different: they are written without a dictionary.
    const different = many.map((_, at) => ({ index: at, category: at % 3 === 0 ? ' ' : `category ${at}` }));
    expect(nulledOf(pin, different, ['ind'])).toEqual({
      'category = blank_to_null(category)': Math.ceil(many.length / 3),
    });
  });

  it('are those of rules over several fields, when one has a value', () => {
    expect(
      nulledOf(geo, [
        { ind: 1, timestamp: '15/08/2020 10:00', latitude: 91, longitude: 0 },
        { ind: 2, timestamp: '2020-08-15T10:00:00', latitude: 1 },
        { ind: 3, latitude: 1, longitude: 1 },
        { ind: 4 },
      ]),
    ).toEqual({
      'coordinates = coordinates(latitude, longitude)': 2,
      'timestamp = parse_timestamp(timestamp)': 1,
    });
    // Each field is null in a row, and both in none.
    expect(
      nulledOf(geo, [
        { ind: 1, latitude: 1 },
        { ind: 2, longitude: 1 },
      ]),
    ).toEqual({
      'coordinates = coordinates(latitude, longitude)': 2,
    });
    expect(nulledOf(user, [{ ind: 1, first_name: ' ' }, { ind: 2, first_name: 'Ann' }, { ind: 3 }])).toEqual({
      'user_name = join_words(blank_to_null(first_name), blank_to_null(last_name))': 1,
    });
  });

  it('add up', () => {
    expect(plusNulled({ a: 1, b: 2 }, { b: 3, c: 4 })).toEqual({ a: 1, b: 5, c: 4 });
  });
});
