import { dataset } from '../plan/dataset.ts';
import { joinWords, parseTimestamp } from '../plan/expression.ts';
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
});
