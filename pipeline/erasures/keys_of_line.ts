/**
 * The keys that a line names which is not an event. It may be cut off, be JSON within a string, or have its key as text: it still
 * tells whose it is, so that an erasure takes it, too.
 */
import { eventText } from '../json/quarantine_text.ts';

/**
 * Tells whether a line names one of some keys.
 * @param line as it landed, or the text of quarantine
 * @param field the raw field of the key, such as `index`
 */
export function namesKey(line: string, field: string, isErased: (key: number) => boolean): boolean {
  const named = new RegExp(`"${field}\\\\*"\\s*:\\s*\\\\*"?\\s*(-?[0-9][0-9.eE+-]*)`, 'g');
  for (const [, number] of eventText(line).matchAll(named)) {
    if (isErased(Number(number))) {
      return true;
    }
  }
  return false;
}
