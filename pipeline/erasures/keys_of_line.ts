/**
 * The keys that a line names which is not an event. It may be cut off, be JSON within a string, or have its key as text: it still
 * tells whose it is, so that an erasure takes it, too.
 */

/** The beginning of a text that stands for bytes, as the quarantine of the stream keeps what is not UTF-8. */
const bytesMark = 'data:application/octet-stream;base64,';

/**
 * Tells whether a line names one of some keys.
 * @param field the raw field of the key, such as `index`
 */
export function namesKey(line: string, field: string, isErased: (key: number) => boolean): boolean {
  const text = line.startsWith(bytesMark)
    ? Buffer.from(line.slice(bytesMark.length), 'base64').toString()
    : line;
  const named = new RegExp(`"${field}\\\\*"\\s*:\\s*\\\\*"?\\s*(-?[0-9][0-9.eE+-]*)`, 'g');
  for (const [, number] of text.matchAll(named)) {
    if (isErased(Number(number))) {
      return true;
    }
  }
  return false;
}
