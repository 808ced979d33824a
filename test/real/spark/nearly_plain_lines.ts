/** Lines as programs write them, and lines that differ from these in one thing: in the form of a value, a name, or what lies between. */
import type { Dataset, RawType } from '../../../pipeline/plan/dataset.ts';

type Fields = readonly (readonly [name: string, value: string])[];

const usual = { text: '"a"', bigint: '7', double: '1.5' } as const satisfies Record<RawType, string>;

const values = [
  ...'null true [] {} {"a":1} 0 -0 00 01 7 -7 +7 1. .5 -.5 1.0 -1.5 0.0 -0.0 0.10 1e2 1E2 1.5e2 1e-2 - --1'.split(
    ' ',
  ),
  ...'999999999999999 -999999999999999 1000000000000000 9007199254740991 9007199254740993'.split(' '),
  ...'99999 100000 12345.0123456789 12345.01234567891 -89.97870000000001 0.30000000000000004'.split(' '),
  ...['1 2', '1,2', '1"', ' 7', '  7', '7 ', '\t7', '7\r', '', 'nul', 'nullx', 'NaN', '0x1', '1_0'],
  ...'"" "b" "7" "1.5" "null" "é🂡\u2028\u007f\u0085" "\\"" "\\\\" "\\/\\b\\f\\n\\r\\t" "\\u0041" "\\u000a"'.split(
    ' ',
  ),
  ...'"\\ud83d\\ude00" "\\ud800" "\\udc00\\ud800" "\\u12" "\\u12G4" "\\x" "\\" "\\\\" x" "b'.split(' '),
  ...[
    '" "',
    '"\t"',
    '"\r"',
    '"\u0000"',
    '"\u001f"',
    '"\u0020"',
    "'b'",
    '"b"c"',
    '"b\\',
    '"}',
    '"},"',
    '"b", "c"',
  ],
];

const between: readonly ((fields: Fields) => string)[] = [
  (fields) => `{${fields.map(([name, value]) => `"${name}": ${value}`).join(', ')}}`,
  (fields) => `{${fields.map(([name, value]) => `"${name}" :${value}`).join(',')}}`,
  (fields) => `{${fields.map(([name, value]) => `"${name}":  ${value}`).join(',')}}`,
  (fields) => `{${fields.map(([name, value]) => `"${name}":${value}`).join(',\t')}}`,
  (fields) => `{${fields.map(([name, value]) => `"${name}":${value}`).join(' ,')}}`,
  (fields) => `{${fields.map(([name, value]) => `"${name}":${value}`).join(';')}}`,
  (fields) => `{${fields.map(([name, value]) => `"${name}":${value}`).join('')}}`,
  (fields) => `{${fields.map(([name, value]) => `'${name}':${value}`).join(',')}}`,
  (fields) => `{${fields.map(([name, value]) => `${name}:${value}`).join(',')}}`,
  (fields) => `{${fields.map(([name, value]) => `"${name.toUpperCase()}":${value}`).join(',')}}`,
  ...[', ', ',', ',,', ' ', ']', '\\', '"', '",', ',"x":1', '}', '}}', '},{', '},"x":{'].map(
    (last) => (fields: Fields) => `${line(fields).slice(0, -1)}${last}}`,
  ),
  ...[' ', '\t', '\r', '\u0000', '\ufeff', '\u00a0', 'x', '[', ',', '{}'].flatMap((beside) => [
    (fields: Fields) => `${beside}${line(fields)}`,
    (fields: Fields) => `${line(fields)}${beside}`,
  ]),
];

/** A line as programs write it. */
const line = (fields: Fields) => `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`;

/** Lines of a dataset that programs write, each of which is to be read with types. */
export function plainLines({ raw, key }: Pick<Dataset, 'raw' | 'key'>): readonly Buffer[] {
  const fields = fieldsOf(raw);
  return [
    line(fields),
    line(fields.toReversed()),
    ...fields.map((_, at) => line([...fields.slice(at), ...fields.slice(0, at)])),
    ...without(raw, (name) => name !== key),
    between[0]?.(fields) ?? '',
  ].map((text) => Buffer.from(text));
}

/** Lines without a key, which are no events. */
export function linesWithoutKey({ raw, key }: Pick<Dataset, 'raw' | 'key'>): readonly Buffer[] {
  return without(raw, (name) => name === key).map((text) => Buffer.from(text));
}

/** Lines that lack one of some fields, or have null in its place. */
function without(raw: Dataset['raw'], isOne: (name: string) => boolean): readonly string[] {
  const fields = fieldsOf(raw);
  return fields.flatMap(([name], at) =>
    isOne(name) ? [line(fields.toSpliced(at, 1)), line(fields.with(at, [name, 'null']))] : [],
  );
}

/** Lines that name a field twice, next to each other and far apart, with a value of the same type and of another. */
export function linesWithRepeatedNames({ raw }: Pick<Dataset, 'raw'>): readonly Buffer[] {
  const fields = fieldsOf(raw);
  return fields
    .flatMap(([name, value]) =>
      ['9', '"b"', 'null', value].flatMap((other) => [
        line([...fields, [name, other]]),
        line([[name, other], ...fields]),
        line([
          [name, value],
          [name, other],
        ]),
      ]),
    )
    .map((text) => Buffer.from(text));
}

/** Lines that are not all of the shape. */
export function nearlyPlainLines({ raw }: Pick<Dataset, 'raw'>): readonly Buffer[] {
  const fields = fieldsOf(raw);
  const last = fields.length - 1;
  const texts = [
    ...values.flatMap((value) => fields.map(([name], at) => line(fields.with(at, [name, value])))),
    ...between.map((written) => written(fields)),
    line([...fields, ['x', '1']]),
    line([['x', '{"a":1}'], ...fields]),
    line(fields.with(last, ['', '1'])),
    '{}',
  ];
  // The longest that is read with types, and one that is longer.
  const [text = ''] = Object.entries(raw).find(([, type]) => type === 'text') ?? [];
  const filled = [3999, 4000, 4001].map((length) => {
    const empty = line([...fields.filter(([name]) => name !== text), [text, '""']]);
    return empty.replace(/""}$/, `"${'x'.repeat(length - empty.length)}"}`);
  });
  const invalid = [[0xff], [0xc3], [0xed, 0xa0, 0x80]].map((bytes) =>
    Buffer.concat([Buffer.from(line(fields).slice(0, -2)), Buffer.from(bytes), Buffer.from('"}')]),
  );
  return [...[...texts, ...filled].map((of) => Buffer.from(of)), ...invalid];
}

function fieldsOf(raw: Dataset['raw']): Fields {
  return Object.entries(raw).map(([name, type]) => [name, usual[type]] as const);
}
