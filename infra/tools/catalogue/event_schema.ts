/** The events of a dataset as JSON Schema (draft 2020-12). */
import type { Dataset, RawType } from '../../../pipeline/plan/dataset.ts';
import { largestInteger } from '../../../pipeline/plan/types.ts';

const types = {
  bigint: { type: 'integer', minimum: -largestInteger, maximum: largestInteger },
  double: { type: 'number' },
  text: { type: 'string' },
} satisfies Record<RawType, object>;

/** The key must be there; any other field may be null or left out. Fields that are not named are left alone. */
export function eventSchema({ name, description, raw, key }: Dataset): object {
  const properties = Object.entries(raw).map(([field, type]) => {
    const schema = types[type];
    return [field, field === key ? schema : { ...schema, type: [schema.type, 'null'] }];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Event of ${name}`,
    description,
    type: 'object',
    properties: Object.fromEntries(properties),
    required: [key],
  };
}
