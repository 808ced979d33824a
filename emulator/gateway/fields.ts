import { isUtf8 } from 'node:buffer';

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

/** The value of a body. @throws Error when it is not JSON in UTF-8 */
export function jsonOf(body: string | Buffer): unknown {
  if (typeof body !== 'string' && !isUtf8(body)) {
    throw new Error('It is not UTF-8. Send JSON in UTF-8, without a Content-Encoding.');
  }
  return JSON.parse(String(body));
}
