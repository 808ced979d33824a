/** The traces of erased posts: their keys in columns and in JSON, and values that somebody who knows them gives. */
import { isErased } from '../../batch/erased_lines.ts';
import { namesKey } from '../../erasures/keys_of_line.ts';
import type { Erasures } from '../../erasures.ts';
import type { Dataset } from '../../plan/dataset.ts';

/** A search for erased posts in texts and in numbers. */
export class Wanted {
  private readonly until;
  private readonly fields: readonly string[];
  private readonly spellings: readonly Buffer[];

  /** @param values that no file may hold, as they were posted */
  constructor(erasures: Erasures, datasets: readonly Dataset[], values: readonly string[]) {
    this.until = erasures.until;
    this.fields = [...new Set(datasets.flatMap(({ key, keyColumn }) => [key, keyColumn]))];
    this.spellings = values.flatMap(spellingsOf).map((spelling) => Buffer.from(spelling));
  }

  /** The columns of a table whose numbers are keys. */
  isKeyColumn(name: string): boolean {
    return this.fields.includes(name);
  }

  /** Tells whether nothing counts that was posted with a key. @param written when the file was, in milliseconds since 1970 */
  isErased(key: number, written: number): boolean {
    return isErased(this.until, key, written);
  }

  /** Tells whether a text names an erased post. */
  isNamedIn(text: string, written: number): boolean {
    return (
      this.until.size > 0 &&
      this.fields.some((field) => namesKey(text, field, (key) => this.isErased(key, written)))
    );
  }

  /** Tells whether bytes hold one of the values. */
  hasValueIn(bytes: Uint8Array): boolean {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.spellings.some((spelling) => buffer.includes(spelling));
  }
}

/** A value as it is, as JSON has it, as JSON of ASCII alone has it, and as JSON within JSON has it. */
function spellingsOf(value: string): readonly string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  const inAscii = inJson.replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [...new Set([value, inJson, inAscii, JSON.stringify(inJson).slice(1, -1)])];
}
