import { dataset } from '../plan/dataset.ts';
import { parseTimestamp } from '../plan/expression.ts';
import { coordinates } from './coordinates.ts';
import { knownText } from './known_text.ts';

export const geo = dataset({
  name: 'geo',
  description: 'Where and when a post was made.',
  sourceTable: 'geolocation_data',
  key: 'ind',
  raw: {
    ind: 'bigint',
    timestamp: 'text',
    latitude: 'double',
    longitude: 'double',
    country: 'text',
  },
  clean: (raw) => ({
    ind: raw.ind,
    country: knownText(raw.country),
    coordinates: coordinates(raw.latitude, raw.longitude),
    timestamp: parseTimestamp(raw.timestamp),
  }),
  // As composed now, and as functions of their own.
  sameRules: [
    '87cb453e4752700ff596feb1ce06acf9d1f2135772ca5a3f9e74c1f465d2a7d1',
    'fbda904f296b92d85f0765fa2ecc5a68f47ea97ae36dc8395cb7414fd9ada3f7',
  ],
});
