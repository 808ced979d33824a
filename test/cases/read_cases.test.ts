import { describe, expect, it } from 'vitest';
import { readCases } from '../../pipeline/cases/read_cases.ts';
import { datasets, geo } from '../../pipeline/datasets/index.ts';
import { mostPopularCategoryByCountry } from '../../queries/most_popular_category_by_country.ts';

const query = { kind: 'query', query: mostPopularCategoryByCountry } as const;
const dataset = { kind: 'dataset', dataset: geo } as const;
const read = (text: string, subject: typeof query | typeof dataset = query) =>
  readCases('x.cases.yaml', text, subject, datasets);

describe('a file of cases', () => {
  it('gives cleaned rows, the columns left out being null', () => {
    const { cases } = read(`cases:
  - name: one
    given:
      pin: [{ind: 1, category: '7'}]
      geo: [{ind: 1, timestamp: '2020-02-29 00:00:00'}]
    expect: []
    then:
      - given: {geo: [{ind: 1, country: Peru}]}
        expect: [{country: Peru, category: '7', category_count: 1}]
`);
    const [one] = cases;
    expect(one).toMatchObject({ name: 'one', form: 'rows', file: 'x.cases.yaml', line: 2 });
    expect(one?.steps[0]?.given.get('geo')).toEqual({
      form: 'rows',
      rows: [{ ind: 1, country: null, coordinates: null, timestamp: Date.parse('2020-02-29T00:00:00Z') }],
    });
    expect(one?.steps[1]?.expected).toEqual([{ country: 'Peru', category: '7', category_count: 1 }]);
  });

  it('gives the events of a dataset as lines, numbers as they are written', () => {
    const { cases } = read(
      `cases:
  - name: one
    given:
      - {ind: 1, latitude: -0.50, country: "a\\tb"}
      - 'no event'
    expect: [{ind: 1, coordinates: [0.5, 1]}]
    quarantine: [{reason: malformed_json, text: no event}]
`,
      dataset,
    );
    expect(cases[0]?.form).toBe('lines');
    expect(cases[0]?.steps[0]?.given.get('geo')).toEqual({
      form: 'lines',
      lines: ['{"ind":1,"latitude":-0.50,"country":"a\\tb"}', 'no event'],
    });
  });

  it.each([
    [
      'an unknown column',
      `    given: {pin: [{ind: 1, colour: red}]}\n    expect: []`,
      /^x\.cases\.yaml:3: .*"colour"; it has ind, unique_id/,
    ],
    [
      'a wrong type',
      `    given:\n      pin:\n        - {ind: one}\n    expect: []`,
      /^x\.cases\.yaml:5: ind must be an integer.*not "one"/,
    ],
    [
      'text that YAML reads as a number',
      `    given: {pin: [{ind: 1, category: 7}]}\n    expect: []`,
      /:3: category must be text/,
    ],
    [
      'a time that is none',
      `    given: {geo: [{ind: 1, timestamp: 2021-02-29 00:00:00}]}\n    expect: []`,
      /:3: timestamp must be a time/,
    ],
    ['no expect', `    given: {pin: [{ind: 1}]}`, /:2: There is no "expect": list the rows of most_popular/],
    [
      'no expect in a later step',
      `    expect: []\n    then:\n      - given: {pin: [{ind: 1}]}`,
      /:5: There is no "expect"/,
    ],
    [
      'a table that the query does not read',
      `    given: {user: [{ind: 1}]}\n    expect: []`,
      /:3: The given of most_popular_category_by_country has no "user"; it has pin, geo/,
    ],
    [
      'a row without its key',
      `    given: {pin: [{category: art}]}\n    expect: []`,
      /:3: A row of pin needs its key, ind/,
    ],
    [
      'a type that a row cannot hold',
      `    given: {geo: [{ind: 1, coordinates: [1, 2]}]}\n    expect: []`,
      /:3: coordinates is array<double>.*lines/,
    ],
    [
      'rows and lines together',
      `    given: {pin: [{ind: 1}], geo: ['{}']}\n    expect: []`,
      /:2: "one" is given cleaned rows and lines/,
    ],
    [
      'an unknown part',
      `    expects: []\n    expect: []`,
      /:3: A case has no "expects"; it has name, given, expect, then/,
    ],
    ['a list that is none', `    expect: {country: Peru}`, /:3: expect must be a list/],
    ['no YAML', `    expect: [`, /^x\.cases\.yaml:\d+: /],
  ])('refuses %s, with its line', (_, body, message) => {
    expect(() => read(`cases:\n  - name: one\n${body}\n`)).toThrow(message);
  });

  it('tells all mistakes at once', () => {
    const both = () => read('cases:\n  - name: one\n    expect: [{x: 1}]\n  - name: one\n');
    expect(both).toThrow(/:3: .*"x"/);
    expect(both).toThrow(/:4: There is no "expect"/);
    expect(both).toThrow(/Two cases are called "one"/);
  });

  it('refuses a raw field that the dataset does not have, and a line of two', () => {
    expect(() =>
      read('cases:\n  - name: a\n    given: [{ind: 1, town: x}]\n    expect: []\n', dataset),
    ).toThrow(/:3: An event of geo has no "town"/);
    expect(() => read('cases:\n  - name: a\n    given: ["{}\\n{}"]\n    expect: []\n', dataset)).toThrow(
      /:3: A line holds no line end/,
    );
  });
});
