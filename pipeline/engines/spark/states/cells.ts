/** Values of a state, each as a string that stands for it alone: equal values have equal strings. */
import type { ColumnType } from '../../../plan/types.ts';
import { sparkTypes } from '../quoting.ts';

interface CellForm {
  /** The string of a value. */
  readonly write: (value: string) => string;
  readonly read: (cell: string) => string;
}

const cast = (type: ColumnType): CellForm => ({
  write: (value) => `CAST(${value} AS STRING)`,
  read: (cell) => `CAST(${cell} AS ${sparkTypes[type]})`,
});

/** The types that a state can hold. A time is a number of microseconds, which depends on no time zone. */
export const cellForms: Readonly<Partial<Record<ColumnType, CellForm>>> = {
  bigint: cast('bigint'),
  int: cast('int'),
  double: cast('double'),
  boolean: cast('boolean'),
  text: { write: (value) => value, read: (cell) => cell },
  timestamp: {
    write: (value) => `CAST(unix_micros(${value}) AS STRING)`,
    read: (cell) => `timestamp_micros(CAST(${cell} AS BIGINT))`,
  },
  date: {
    write: (value) => `CAST(unix_date(${value}) AS STRING)`,
    read: (cell) => `date_from_unix_date(CAST(${cell} AS INT))`,
  },
};

/** The form of a type. @throws TypeError for a type that no state can hold */
export function cellForm(type: ColumnType | undefined): CellForm {
  const form = type && cellForms[type];
  if (form === undefined) {
    throw new TypeError(`A state cannot hold a value of type ${type}.`);
  }
  return form;
}
