/**
 * The shape of a line as programs write it, as a regular expression of Java. A line of this shape is one JSON object for certain, and
 * reading it with types gives what `carefulDecodeSql` gives. A line that is not of this shape may be an event all the same.
 *
 * | a line of the shape has               | for otherwise                                                      |
 * |---------------------------------------|--------------------------------------------------------------------|
 * | fields of the dataset alone           | other values would have to be proved well formed, however nested   |
 * | each at most once, in any order       | the last of two equal names counts, on whatever engine             |
 * | a key                                 | a line without one is no event, so that each line of the shape is  |
 * | integers of at most 15 digits         | others may be out of range                                         |
 * | decimals of at most 15 digits         | others may be rounded twice                                        |
 * | no exponent, fraction of an integer   | these make a number another type                                   |
 * | strings for text, or null             | Spark would turn a number into text                                |
 * | no white space but one blank          | it is what programs write                                          |
 *
 * All loops are possessive, or atomic groups: matching goes forward only, in the time that it takes to read the line.
 */
import type { Dataset, RawType } from '../../plan/dataset.ts';

/** Longer lines are read carefully, so that what a program writes in error is not looked at twice. */
export const plainLineBytes = 4000;

// Control characters one by one: Java looks all of them up in one table, and would compare with a range's ends. As a group of its
// own, which Java goes through without a call for each character.
const controls = Array.from(
  { length: 32 },
  (_, code) => String.raw`\x${code.toString(16).padStart(2, '0')}`,
).join('');
const characters = String.raw`(?>[^"\\${controls}]*)`;
const escaped = String.raw`\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})`;

const values = {
  text: `"${characters}(?:${escaped}${characters})*+"`,
  bigint: '(?:0|-?[1-9][0-9]{0,14}+)',
  double: String.raw`-?(?:0|[1-9][0-9]{0,4}+)(?:\.[0-9]{1,10}+)?+`,
} as const satisfies Record<RawType, string>;

/** The regular expression of a dataset's plain lines. */
export function plainLine({ raw, key }: Pick<Dataset, 'raw' | 'key'>): string {
  const fields = Object.entries(raw).filter(([name]) => name !== key);
  const types = [...new Set(fields.map(([, type]) => type))];
  const byType = types.map((type) => ({
    names: fields.filter(([, of]) => of === type).map(([name]) => name),
    value: `(?:${values[type]}|null)`,
  }));
  const members = [{ names: [key], value: values.bigint }, ...byType];
  const names = members.flatMap((of) => of.names);
  // An empty group marks that a field is there: a reference to it matches from then on, and the field no more. The key's is the first.
  const marked = (name: string) => `${written(name)}((?!\\${names.indexOf(name) + 1}))`;
  const alternatives = members.map((of) => `(?:${of.names.map(marked).join('|')})": ?+${of.value}`);
  return String.raw`\A\{(?:"(?:${alternatives.join('|')})(?:, ?+(?=")|(?=\}\z)))++\1\}\z`;
}

/** A name as it stands in JSON, quoted for the expression. */
function written(name: string): string {
  return JSON.stringify(name)
    .slice(1, -1)
    .replace(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
}
