import { and, between, type Expression } from '../plan/expression.ts';
import { array } from '../plan/expressions/arrays.ts';
import { caseWhen } from '../plan/expressions/conditions.ts';

/** [latitude, longitude] in degrees; null when one is null or out of range. */
export function coordinates(
  latitude: Expression<'double'>,
  longitude: Expression<'double'>,
): Expression<'array<double>'> {
  const isOnEarth = and(between(latitude, -90, 90), between(longitude, -180, 180));
  return caseWhen([[isOnEarth, array(latitude, longitude)]]);
}
