import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countries as countriesOfPosts } from '../../../emulator/generator/vocabulary.ts';
import { answerCard, answersSection } from '../../../pipeline/ui/web/answer_cards.ts';
import { pageFile } from '../../../pipeline/ui/web/assets.ts';
import { countries, countryId } from '../../../pipeline/ui/web/map/countries.ts';
import { topUserByCountry } from '../../../queries/top_user_by_country.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { worldSvg } from '../../../scripts/world.ts';
import { rowsOfAnswer } from './example.ts';

const world = pageFile('map/world.svg');

describe('the table of countries', () => {
  it('gives each country one shape in the drawing of the world', () => {
    const shapes = [...world.matchAll(/id="land-(\w+)"/g)].map(([, id]) => id);
    expect(shapes.toSorted()).toEqual(
      countries()
        .map(({ id }) => id)
        .toSorted(),
    );
  });

  it('has no name of two countries', () => {
    for (const { id, names } of countries()) {
      expect(names.map(countryId), names[0]).toEqual(names.map(() => id));
    }
  });

  it("knows every country of the emulator's posts but Korea, which are two", () => {
    expect(countriesOfPosts.filter((name) => countryId(name) === undefined)).toEqual(['Korea']);
  });

  it('knows every country of Faker, whose names the original data have, but names of two or of none', () => {
    const names = readFileSync(new URL('faker_countries.txt', import.meta.url), 'utf8').split('\n');
    expect([...new Set(names)].filter((name) => countryId(name) === undefined)).toEqual([
      'Congo',
      'Korea',
      'Netherlands Antilles',
      'United States Minor Outlying Islands',
    ]);
  });

  it.each([
    ['cote d’ivoire', '384'],
    ["Côte d'Ivoire", '384'],
    ['The Bahamas', '044'],
    ['Saint Lucia', '662'],
    ['St Lucia', '662'],
    ['TRINIDAD AND TOBAGO', '780'],
    ['Aland Islands', '248'],
  ])('knows %s', (name, id) => {
    expect(countryId(name)).toBe(id);
  });

  it('knows no other names', () => {
    expect(['', 'Atlantis', 'Saint', '004', 'constructor'].map(countryId)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});

describe('the drawing of the world', () => {
  it('is what scripts/world.ts makes of Natural Earth: else run `npm run world`', () => {
    expect(worldSvg() === world).toBe(true);
  });

  it('adds 50 kB to a page', () => {
    expect(Buffer.byteLength(world)).toBeLessThan(50_000);
  });
});

describe('a map of an answer', () => {
  const row = (country: string, follower_count: number | null, poster_name = 'Ann') => ({
    country,
    poster_name,
    follower_count,
  });
  const mapOf = (...rows: ReturnType<typeof row>[]) =>
    answerCard({ query: topUserByCountry, rows }).split('<div class="drawn">')[0] ?? '';

  it('shades countries from the smallest value to the largest, as many in each shade', () => {
    const names = ['Peru', 'Chile', 'Brazil', 'Cuba', 'Fiji', 'France', 'Italy', 'Spain', 'Malta', 'Samoa'];
    const map = mapOf(...names.map((name, index) => row(name, 10 ** index)));
    expect([...map.matchAll(/class="shade-(\d)"><title/g)].map(([, shade]) => Number(shade))).toEqual([
      1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
    ]);
    expect(map).toContain('<li><span class="shade-2"></span>100 to 1,000</li>');
  });

  it('has no more shades than there are different values', () => {
    const map = mapOf(row('Peru', 7), row('Chile', 7), row('Brazil', 7));
    expect(map.match(/<li>.*<\/li>/g)).toEqual(['<li><span class="shade-1"></span>7</li>']);
  });

  it('says of each country what its row says, and of one with two names what both say', () => {
    const map = mapOf(row("Cote d'Ivoire", 5, '<b>'), row('Ivory Coast', 1_000));
    expect(map).toContain(
      '<use href="#land-384" class="shade-1"><title>Cote d&#39;Ivoire, &lt;b&gt;, 5; Ivory Coast, Ann, 1,000</title></use>',
    );
  });

  it('lists each name that no country has beside the map', () => {
    const map = mapOf(row('Peru', 1), row('Korea', 2), row('<Atlantis>', 3));
    expect(map).toContain('<bdi>Korea</bdi>, <bdi>&lt;Atlantis&gt;</bdi>.');
    expect(mapOf(row('Peru', 1))).not.toContain('Not on the map');
  });

  it('shows or lists every row of a large answer', () => {
    const map = mapOf(...rowsOfAnswer(topUserByCountry).map((each) => each as ReturnType<typeof row>));
    const shown = map.match(/<title>/g) ?? [];
    const listed = map.match(/<bdi>/g) ?? [];
    expect(shown.length + listed.length).toBe(200);
  });

  it('is left out while no row answers the question, and of answers without countries', () => {
    expect(mapOf()).not.toContain('<svg');
    const answer = { query: usersJoinedByYear, rows: rowsOfAnswer(usersJoinedByYear) };
    expect(answersSection([answer])).not.toContain('<svg');
  });
});
