/** The value of a field of something that came from outside; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** The same, where it is text. */
export function textIn(values: unknown, name: string): string | undefined {
  const value = fieldOf(values, name);
  return typeof value === 'string' ? value : undefined;
}
