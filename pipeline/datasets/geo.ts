import { dataset } from '../plan/dataset.ts';
import { coordinates, parseTimestamp } from '../plan/expression.ts';
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
});
