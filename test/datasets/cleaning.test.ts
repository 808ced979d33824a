import { describe, expect, it } from 'vitest';
import { evaluate } from '../../pipeline/columns/evaluate/evaluator.ts';
import { tableOfRows } from '../../pipeline/columns/table.ts';
import { geo, pin, user } from '../../pipeline/datasets/index.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import type { Value } from '../../pipeline/plan/types.ts';
import { expressionOf } from '../../pipeline/plan/walk.ts';

/** The cleaned value of one column, from one raw row. */
function cleaned(dataset: Dataset, column: string, raw: Readonly<Record<string, Value>>): Value {
  const table = tableOfRows(dataset.raw, [raw]);
  return evaluate(expressionOf(dataset.clean, column), table).at(0);
}

const ms = (iso: string) => Date.parse(iso);

describe('columns', () => {
  it('have the documented order and types', () => {
    expect(Object.entries(pin.cleaning.schema).map((pair) => pair.join(' '))).toEqual([
      'ind bigint',
      'unique_id text',
      'title text',
      'description text',
      'follower_count bigint',
      'poster_name text',
      'tag_list text',
      'is_image_or_video text',
      'image_src text',
      'save_location text',
      'category text',
    ]);
    expect(geo.cleaning.schema).toEqual({
      ind: 'bigint',
      country: 'text',
      coordinates: 'array<double>',
      timestamp: 'timestamp',
    });
    expect(user.cleaning.schema).toEqual({
      ind: 'bigint',
      user_name: 'text',
      age: 'bigint',
      date_joined: 'timestamp',
    });
  });
});

describe('blank text becomes null, other text is unchanged', () => {
  const texts = [
    'unique_id',
    'title',
    'description',
    'poster_name',
    'tag_list',
    'is_image_or_video',
    'image_src',
    'category',
  ];
  it.each(texts)('%s', (column) => {
    expect(cleaned(pin, column, { [column]: '' })).toBeNull();
    expect(cleaned(pin, column, { [column]: ' \t\r\n' })).toBeNull();
    expect(cleaned(pin, column, { [column]: '\u00a0' })).toBe('\u00a0');
    expect(cleaned(pin, column, { [column]: '  a ' })).toBe('  a ');
    expect(cleaned(pin, column, { [column]: null })).toBeNull();
  });

  it('country', () => {
    expect(cleaned(geo, 'country', { country: '\t' })).toBeNull();
    expect(cleaned(geo, 'country', { country: ' Peru' })).toBe(' Peru');
  });
});

describe('placeholders become null, each only in its own column', () => {
  it.each([
    ['title', 'No Title Data Available'],
    ['description', 'No description available'],
    ['description', 'No description available Story format'],
    ['poster_name', 'User Info Error'],
    ['follower_count', 'User Info Error'],
    ['tag_list', 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e'],
    ['image_src', 'Image src error.'],
    ['image_src', 'Image src error'],
  ])('%s: %s', (column, placeholder) => {
    expect(cleaned(pin, column, { [column]: placeholder })).toBeNull();
  });

  it.each([
    ['category', 'User Info Error'],
    ['title', 'Image src error.'],
    ['title', 'No Title Data Available '],
    ['description', ' No description available'],
    ['description', 'no description available'],
    ['image_src', 'Image src error..'],
  ])('%s: "%s" is ordinary text', (column, text) => {
    expect(cleaned(pin, column, { [column]: text })).toBe(text);
  });
});

describe('follower_count', () => {
  it.each<[string, number | null]>([
    ['316', 316],
    ['12k', 12_000],
    ['12K', 12_000],
    ['1.5M', 1_500_000],
    ['1.5m', 1_500_000],
    ['2B', 2_000_000_000],
    ['2b', 2_000_000_000],
    ['1.15k', 1150],
    ['0.9999999999999999999999999999k', 999],
    ['1.9', 1],
    ['007', 7],
    [' \t12k\r\n', 12_000],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740992', null],
    ['9007199.254740991B', 9_007_199_254_740_991],
    ['9007199.254740992B', null],
    ['99999999999999999999999', null],
    ['', null],
    ['k', null],
    ['.5k', null],
    ['1.k', null],
    ['1,5k', null],
    ['-1', null],
    ['+1', null],
    ['1e3', null],
    ['1 k', null],
    ['1kk', null],
    ['1T', null],
    ['٣', null],
    ['\u00a01', null],
  ])('%j is %j', (text, count) => {
    expect(cleaned(pin, 'follower_count', { follower_count: text })).toBe(count);
  });
});

describe('save_location', () => {
  it.each<[string, string | null]>([
    ['Local save in /data/art', '/data/art'],
    ['/data/art', '/data/art'],
    ['Local save in ', null],
    ['Local save in  \t', null],
    ['Local save in', 'Local save in'],
    ['local save in /data', 'local save in /data'],
    ['Local save in Local save in /data', 'Local save in /data'],
  ])('%j is %j', (text, location) => {
    expect(cleaned(pin, 'save_location', { save_location: text })).toBe(location);
  });
});

describe('coordinates', () => {
  it.each<[number | null, number | null, number[] | null]>([
    [12.5, -8, [12.5, -8]],
    [90, 180, [90, 180]],
    [-90, -180, [-90, -180]],
    [90.0001, 0, null],
    [0, -180.0001, null],
    [null, 1, null],
    [1, null, null],
    [-0, -0, [0, 0]],
  ])('%j, %j is %j', (latitude, longitude, expected) => {
    expect(cleaned(geo, 'coordinates', { latitude, longitude })).toEqual(expected);
  });
});

describe('user_name', () => {
  it.each<[string | null, string | null, string | null]>([
    ['Abigail', 'Ali', 'Abigail Ali'],
    ['Abigail', null, 'Abigail'],
    [' ', 'Ali', 'Ali'],
    [null, '\n', null],
    [' a', 'b ', ' a b '],
  ])('%j and %j is %j', (first_name, last_name, name) => {
    expect(cleaned(user, 'user_name', { first_name, last_name })).toBe(name);
  });
});

describe('timestamps', () => {
  it.each<[string, number | null]>([
    ['2020-08-28 03:52:47', ms('2020-08-28T03:52:47Z')],
    ['2020-08-28T03:52:47', ms('2020-08-28T03:52:47Z')],
    ['2020-02-29 00:00:00', ms('2020-02-29T00:00:00Z')],
    ['2000-02-29 00:00:00', ms('2000-02-29T00:00:00Z')],
    ['1900-02-29 00:00:00', null],
    ['2021-02-29 00:00:00', null],
    ['0001-01-01 00:00:00', ms('0001-01-01T00:00:00Z')],
    ['0099-12-31 23:59:59', ms('0099-12-31T23:59:59Z')],
    ['9999-12-31 23:59:59', ms('9999-12-31T23:59:59Z')],
    ['0000-01-01 00:00:00', null],
    ['2020-13-01 00:00:00', null],
    ['2020-00-01 00:00:00', null],
    ['2020-01-00 00:00:00', null],
    ['2020-01-01 24:00:00', null],
    ['2020-01-01 00:60:00', null],
    ['2020-01-01 00:00:60', null],
    ['2020-01-01t00:00:00', null],
    ['2020-01-01 00:00:00\n', null],
    ['2020-01-01 00:00:00Z', null],
    ['2020-01-01 00:00:00.5', null],
    ['2020-1-1 00:00:00', null],
    [' 2020-01-01 00:00:00', null],
    ['', null],
  ])('%j is %j', (text, expected) => {
    expect(cleaned(user, 'date_joined', { date_joined: text })).toBe(expected);
    expect(cleaned(geo, 'timestamp', { timestamp: text })).toBe(expected);
  });
});
