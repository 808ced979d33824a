/** Changes to datasets, each under the words that its golden preview is read by. */
import { datasets, geo, pin, user } from '../../../pipeline/datasets/index.ts';
import { knownText } from '../../../pipeline/datasets/known_text.ts';
import { dataset } from '../../../pipeline/plan/dataset.ts';
import { column, literal, nullWhen } from '../../../pipeline/plan/expression.ts';
import { size, split } from '../../../pipeline/plan/expressions/arrays.ts';
import { lessThan } from '../../../pipeline/plan/expressions/conditions.ts';
import { lower } from '../../../pipeline/plan/expressions/strings.ts';
import { queries } from '../../../queries/index.ts';
import { type Change, datasetsWith, reading, renamed, withDataset, without } from './worked_versions.ts';

const text = (name: string) => column(name, 'text');

const countryNamed = withDataset(geo, { clean: (columns) => renamed(columns, 'country', 'land') });

export const changesOfDatasets = {
  'a column that four answers read has another name': {
    datasets: datasetsWith(countryNamed),
    queries: reading(queries, countryNamed, 'country', 'land'),
  },
  'a column that no answer reads has another name': {
    datasets: datasetsWith(
      withDataset(pin, { clean: (columns) => renamed(columns, 'image_src', 'image_url') }),
    ),
  },
  'a column is gone': {
    datasets: datasetsWith(withDataset(pin, { clean: (columns) => without(columns, 'save_location') })),
  },
  'a column is added': {
    datasets: datasetsWith(
      withDataset(user, {
        clean: (columns) => ({ ...columns, first_name: knownText(text('first_name')) }),
      }),
    ),
  },
  'a column has another type': {
    datasets: datasetsWith(
      withDataset(pin, {
        clean: (columns) => ({ ...columns, tag_list: size(split(text('tag_list'), ',')) }),
      }),
    ),
  },
  'a rule makes values null': {
    datasets: datasetsWith(
      withDataset(pin, {
        clean: (columns) => ({ ...columns, category: knownText(text('category'), 'art') }),
      }),
    ),
  },
  'a rule changes the letters of every country': {
    datasets: datasetsWith(
      withDataset(geo, { clean: (columns) => ({ ...columns, country: lower(knownText(text('country'))) }) }),
    ),
  },
  'a bound of a rule is another': {
    datasets: datasetsWith(
      withDataset(user, {
        clean: (columns) => {
          const age = column('age', 'bigint');
          return { ...columns, age: nullWhen(age, lessThan(age, literal('bigint', 21))) };
        },
      }),
    ),
  },
  'a rule is added that no post breaks': {
    datasets: datasetsWith(
      withDataset(pin, {
        clean: (columns) => ({ ...columns, unique_id: knownText(text('unique_id'), 'no id') }),
      }),
    ),
  },
  'a raw field is added that no column reads': {
    datasets: datasetsWith(withDataset(pin, { raw: { ...pin.raw, board: 'text' } })),
  },
  'a raw field has another type': {
    datasets: datasetsWith(withDataset(pin, { raw: { ...pin.raw, downloaded: 'text' } })),
  },
  'a dataset is described in other words': {
    datasets: datasetsWith(withDataset(geo, { description: 'The place and the time of a post.' })),
  },
  'another column is personal': {
    datasets: datasetsWith(withDataset(geo, { personal: ['coordinates'] })),
  },
  'a dataset is added': {
    datasets: [
      ...datasets,
      dataset({
        name: 'board',
        description: 'A board that holds posts.',
        sourceTable: 'board_data',
        key: 'ind',
        raw: { ind: 'bigint', board_name: 'text' },
        clean: (raw) => ({ ind: raw.ind, board_name: knownText(raw.board_name) }),
      }),
    ],
  },
  'a dataset is gone, and the answers that read it': {
    datasets: datasets.filter((one) => one !== user),
    queries: queries.filter(({ plan }) => !JSON.stringify(plan).includes('"name":"user"')),
  },
} satisfies Record<string, Change>;
