/** The retention of what only older versions of a Delta table need (Delta's table properties of these names). */

import type { Metadata } from '../actions.ts';
import { DeltaError } from '../error.ts';

const hour = 3600 * 1000;
const day = 24 * hour;

/** Milliseconds that removed files are kept for readers of older versions: seven days unless the table says otherwise. */
export function removedFilesKept(metadata: Metadata): number {
  return durationOf(metadata, 'delta.deletedFileRetentionDuration') ?? 7 * day;
}

/** Milliseconds that log entries before a checkpoint are kept: thirty days unless the table says otherwise. */
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

/** @throws DeltaError when the property is not an interval that is understood */
function durationOf({ configuration }: Metadata, property: string): number | undefined {
  const interval = configuration?.[property];
  if (interval === undefined || interval === null) {
    return undefined;
  }
  const [, count, unit = ''] = /^\s*(?:interval\s+)?(\d+)\s+([a-z]+?)s?\s*$/i.exec(interval) ?? [];
  const milliseconds = units[unit.toLowerCase()];
  if (count === undefined || milliseconds === undefined) {
    throw new DeltaError(
      `The table property ${property} is "${interval}"; an interval of one unit is understood, such as "interval 7 days".`,
    );
  }
  return Number(count) * milliseconds;
}
