import { dataset } from '../plan/dataset.ts';
import { parseTimestamp } from '../plan/expression.ts';
import { joinWords } from './join_words.ts';
import { knownText } from './known_text.ts';

export const user = dataset({
  name: 'user',
  description: 'The person who made a post.',
  sourceTable: 'user_data',
  key: 'ind',
  raw: {
    ind: 'bigint',
    first_name: 'text',
    last_name: 'text',
    age: 'bigint',
    date_joined: 'text',
  },
  clean: (raw) => ({
    ind: raw.ind,
    user_name: joinWords(knownText(raw.first_name), knownText(raw.last_name)),
    age: raw.age,
    date_joined: parseTimestamp(raw.date_joined),
  }),
  personal: ['user_name'],
  // As composed now, and as functions of their own.
  sameRules: [
    'a468e2d463e002fe753895a4b48c87c40dac64d049e78fc6a50828c27e4175c9',
    '61329e454141de9bd13f6df57a5f4696b1a7f87828ce077de74f947d577a0ee7',
  ],
});
