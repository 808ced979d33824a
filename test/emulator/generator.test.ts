import { describe, expect, it } from 'vitest';
import { generateEvents, generatePost } from '../../emulator/generator.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { dataset } from '../../pipeline/plan/dataset.ts';
import { parseUtcTimestamp } from '../../pipeline/plan/timestamp.ts';

const posts = Array.from({ length: 20_000 }, (_, index) => generatePost(index, 1));

function counts(values: readonly unknown[]): Map<unknown, number> {
  const found = new Map<unknown, number>();
  for (const value of values) {
    found.set(value, (found.get(value) ?? 0) + 1);
  }
  return found;
}

function share(values: readonly unknown[], wanted: unknown): number {
  return values.filter((value) => value === wanted).length / values.length;
}

function yearsOf(times: readonly unknown[]): number[] {
  return [...new Set(times.map((time) => Number(String(time).slice(0, 4))))].sort();
}

describe('generated posts', () => {
  it('are the same for the same seed, in any order', () => {
    for (const index of [19_999, 0, 7528, 3]) {
      expect(generatePost(index, 1)).toEqual(posts[index]);
    }
  });

  it('differ between seeds and between indices', () => {
    expect(generatePost(7, 2).pin.unique_id).not.toBe(generatePost(7, 1).pin.unique_id);
    expect(new Set(posts.map(({ pin }) => pin.unique_id)).size).toBe(posts.length);
    // Beyond 32 bits too.
    expect(generatePost(5 + 2 ** 32, 1).geo.latitude).not.toBe(generatePost(5, 1).geo.latitude);
  });

  it('have the fields of their datasets, in their order, and one key', () => {
    for (const [index, post] of posts.slice(0, 100).entries()) {
      for (const { name, raw, key } of datasets) {
        expect(Object.keys(post[name] ?? {})).toEqual(Object.keys(raw));
        expect(post[name]?.[key]).toBe(index);
      }
    }
  });

  it('have every placeholder', () => {
    const all = (field: string) => new Set(posts.map(({ pin }) => pin[field]));
    expect(all('title')).toContain('No Title Data Available');
    expect(all('description')).toContain('No description available');
    expect(all('description')).toContain('No description available Story format');
    expect(all('poster_name')).toContain('User Info Error');
    expect(all('follower_count')).toContain('User Info Error');
    expect(all('tag_list')).toContain('N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e');
    expect(all('image_src')).toContain('Image src error.');
    expect(all('image_src')).toContain('Image src error');
    expect(all('save_location')).toContain('Local save in ');
  });

  it('have follower counts in units, thousands and millions, some with a decimal', () => {
    const shown = posts.map(({ pin }) => String(pin.follower_count));
    for (const form of [/^[0-9]+$/, /^[0-9]+k$/, /^[0-9]+\.[0-9]k$/, /^[0-9]+M$/, /^[0-9]+\.[0-9]M$/]) {
      expect(shown.filter((text) => form.test(text)).length, String(form)).toBeGreaterThan(20);
    }
  });

  it('come from few countries mostly, and from few posters', () => {
    const countries = counts(posts.map(({ geo }) => geo.country));
    expect(countries.size).toBeGreaterThan(100);
    expect(countries.get('Albania')).toBeGreaterThan(1000);
    const posters = [...counts(posts.map(({ pin }) => pin.poster_name)).values()].sort((a, b) => b - a);
    expect(posters.length).toBeGreaterThan(1000);
    expect(posters[1]).toBeGreaterThan(50);
  });

  it('show one poster with one follower count', () => {
    const shown = new Map<unknown, unknown>();
    for (const { pin } of posts) {
      expect(shown.get(pin.poster_name) ?? pin.follower_count).toBe(pin.follower_count);
      shown.set(pin.poster_name, pin.follower_count);
    }
  });

  it('come from people who post more than once, each with one age and joining date', () => {
    const people = new Map<string, string>();
    for (const { user } of posts) {
      const who = `${user.first_name} ${user.last_name} ${user.date_joined}`;
      expect(people.get(who) ?? String(user.age)).toBe(String(user.age));
      people.set(who, String(user.age));
    }
    expect(people.size).toBeLessThan(posts.length / 2);
    expect(people.size).toBeGreaterThan(posts.length / 10);
  });

  it('were made in 2017 to 2023 by people who joined in 2014 to 2022, at real times', () => {
    expect(yearsOf(posts.map(({ geo }) => geo.timestamp))).toEqual([
      2017, 2018, 2019, 2020, 2021, 2022, 2023,
    ]);
    expect(yearsOf(posts.map(({ user }) => user.date_joined))).toEqual([
      2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022,
    ]);
    for (const { geo, user } of posts) {
      expect(parseUtcTimestamp(String(geo.timestamp))).not.toBeNull();
      expect(parseUtcTimestamp(String(user.date_joined))).not.toBeNull();
    }
  });

  it('have ages around every bound of an age group, a few below 18, a few unknown', () => {
    const ages = posts.map(({ user }) => user.age);
    for (const bound of [18, 24, 25, 35, 36, 50, 51]) {
      expect(share(ages, bound), String(bound)).toBeGreaterThan(0.005);
    }
    const young = ages.filter((age) => age !== null && Number(age) < 18).length / ages.length;
    expect(young).toBeGreaterThan(0.005);
    expect(young).toBeLessThan(0.1);
    expect(share(ages, null)).toBeGreaterThan(0);
  });

  it('have the coordinates of places', () => {
    for (const { geo } of posts) {
      expect(Math.abs(Number(geo.latitude))).toBeLessThanOrEqual(90);
      expect(Math.abs(Number(geo.longitude))).toBeLessThanOrEqual(180);
    }
  });
});

describe('a dataset that the generator does not know', () => {
  it('gets events of its fields and types', () => {
    const likes = dataset({
      name: 'like',
      description: 'Somebody liked a post.',
      sourceTable: 'like_data',
      key: 'ind',
      raw: { ind: 'bigint', strength: 'double', note: 'text' },
      clean: (raw) => ({ ind: raw.ind, note: raw.note }),
    });
    const { like } = generateEvents([likes], 12, 1);
    expect(like).toEqual({ ind: 12, strength: expect.any(Number), note: expect.any(String) });
  });
});
