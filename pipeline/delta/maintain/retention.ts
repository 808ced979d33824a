/** How long a Delta table keeps what only older versions need (Delta's table properties of these names). */

import type { Metadata } from '../actions.ts';
import { DeltaError } from '../error.ts';

const hour = 3600 * 1000;
const day = 24 * hour;

/** How long removed files are kept for readers of older versions, in milliseconds: seven days, or as the table says. */
export function removedFilesKept(metadata: Metadata): number {
  return durationOf(metadata, 'delta.deletedFileRetentionDuration') ?? 7 * day;
}

/** How long log entries behind a checkpoint are kept, in milliseconds: thirty days, or as the table says. */
export function logKept(metadata: Metadata): number {
  return durationOf(metadata, 'delta.logRetentionDuration') ?? 30 * day;
}

const units: Readonly<Record<string, number | undefined>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour,
  day,
  week: 7 * day,
};

/** @throws DeltaError when the property is no interval that is understood */
function durationOf({ configuration }: Metadata, property: string): number | undefined {
  const text = configuration?.[property];
  if (text === undefined || text === null) {
    return undefined;
  }
  const [, count, unit = ''] = /^\s*(?:interval\s+)?(\d+)\s+([a-z]+?)s?\s*$/i.exec(text) ?? [];
  const milliseconds = units[unit.toLowerCase()];
  if (count === undefined || milliseconds === undefined) {
    throw new DeltaError(
      `The table property ${property} is "${text}"; an interval of one unit is understood, such as "interval 7 days".`,
    );
  }
  return Number(count) * milliseconds;
}
