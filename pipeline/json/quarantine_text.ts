/**
 * The text of an event in a quarantine table. The log forgets its records: what is no UTF-8 is kept as a data URL (RFC 2397),
 * from which its bytes can be had back; so is what looks like one, so that none is taken for what it is not.
 */
import { isUtf8 } from 'node:buffer';

/** The beginning of a text that stands for bytes. */
const bytesMark = 'data:application/octet-stream;base64,';
const markBytes = Buffer.from(bytesMark);

/** The text of an event, in UTF-8. */
export function quarantineText(event: Uint8Array): Uint8Array {
  const isText = isUtf8(event) && !markBytes.equals(event.subarray(0, markBytes.length));
  return isText ? event : Buffer.concat([markBytes, Buffer.from(Buffer.from(event).toString('base64'))]);
}

/** The event that a text stands for, as text: bytes that are no UTF-8 are replaced. */
export function eventText(text: string): string {
  return text.startsWith(bytesMark) ? Buffer.from(text.slice(bytesMark.length), 'base64').toString() : text;
}
