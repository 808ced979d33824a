/** Escapes in the strings of JSON (RFC 8259, section 7). `end` is compared before each read, so `?? 0` never hides a wrong index. */

/** The length of the escape after a backslash, 0 when it is malformed. */
export function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  const byte = at < end ? (bytes[at] ?? 0) : 0;
  if (byte !== 0x75) {
    return simpleEscapes.includes(byte) ? 1 : 0;
  }
  if (at + 5 > end) {
    return 0;
  }
  for (let i = at + 1; i < at + 5; i += 1) {
    const digit = bytes[i] ?? 0;
    const letter = digit | 0x20;
    if (!(digit >= 0x30 && digit <= 0x39) && !(letter >= 0x61 && letter <= 0x66)) {
      return 0;
    }
  }
  return 5;
}

const simpleEscapes: readonly number[] = [...'"\\/bfnrt'].map((character) => character.charCodeAt(0));

/** The string of UTF-8 bytes. */
export function stringAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** The value of a JSON string from the bytes between its quotes; an unpaired surrogate becomes `?`, as on Spark. */
export function unescaped(bytes: Uint8Array, start: number, end: number): string {
  const value: unknown = JSON.parse(`"${stringAt(bytes, start, end)}"`);
  return String(value).replace(/\p{Surrogate}/gu, '?');
}
