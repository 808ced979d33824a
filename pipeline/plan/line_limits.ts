/** Limits beyond which a line of JSON is malformed, on every engine; within them Spark's own reader reads it too. */
export const lineLimits = {
  /** Bytes of the object, without white space around it. */
  bytes: 16 * 1024 * 1024,
  /** Levels of objects and arrays, the line's own object being the first. */
  depth: 500,
  /** Bytes of a number. */
  numberCharacters: 1000,
  /** UTF-16 units of a field's name; Spark's reader refuses longer ones by itself. */
  nameCharacters: 50_000,
} as const;
