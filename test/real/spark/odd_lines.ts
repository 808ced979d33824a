/** Lines that have been read wrongly somewhere, as bytes: what JSON allows, what it does not, and what lies at the limits. */

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

const times = (text: string, count: number) => text.repeat(count);

/** The fields of a dataset that these lines use: its key, a text and another number. */
export interface OddFields {
  readonly key: string;
  readonly text: string;
  readonly number: string;
}

export function oddLines({ key, text, number }: OddFields): readonly Buffer[] {
  const k = JSON.stringify(key);
  const t = JSON.stringify(text);
  const n = JSON.stringify(number);
  const withText = (...value: readonly (string | readonly number[])[]) =>
    bytes(`{${k}:1,${t}:`, ...value, '}');
  const withNumber = (value: string) => bytes(`{${k}:2,${n}:${value}}`);
  const withKey = (value: string) => bytes(`{${k}:${value}}`);
  const escapedKey = `"\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}"`;
  return [
    // Not one object.
    ...['', ' ', '\t', '\r', '{} x', ...'{ } [] [1] 5 "a" null true {}{} {}} {}] {},{}'.split(' ')].map(
      (line) => bytes(line),
    ),
    ...[
      `{${k}:1}{${k}:2}`,
      `{${k}:1},"x":2`,
      `{${k}:1},"x":{${k}:2}`,
      `{${k}:1},"end":"x"`,
      `{${k}:1}, {${k}:2}`,
      `[{${k}:1}]`,
      `"{${k}:1}"`,
    ].map((line) => bytes(line)),
    ...[
      `{${k}:1,}`,
      `{,${k}:1}`,
      `{${k} 1}`,
      `{${k}:1 ${t}:2}`,
      `{${k}}`,
      `{${key}:1}`,
      `{'${key}':1}`,
      `/* */{${k}:1}`,
      `{${k}:1} // x`,
      `{${k}:1};`,
    ].map((line) => bytes(line)),
    // White space around and between.
    ...[
      ` {${k}:1}`,
      `\t{${k}:1}\r`,
      `{\t${k}\r: 1 }  `,
      `\u000c{${k}:1}`,
      `\u00a0{${k}:1}`,
      `\u000b{${k}:1}`,
      `\u2028{${k}:1}`,
      `{${k}:1}\u0000`,
    ].map((line) => bytes(line)),
    bytes([0xef, 0xbb, 0xbf], `{${k}:1}`),
    // Keys.
    ...'null "1" 1.0 1e0 1E2 -0 -1 01 +1 1. .1 --1 1e 1e+ NaN Infinity -Infinity true [1] {}'
      .split(' ')
      .map(withKey),
    ...'9007199254740991 9007199254740992 -9007199254740991 -9007199254740992'.split(' ').map(withKey),
    ...'9223372036854775807 -9223372036854775808 9223372036854775808'.split(' ').map(withKey),
    withKey(times('9', 40)),
    bytes('{}'),
    bytes(`{${escapedKey}:3}`),
    bytes(`{${k.toUpperCase()}:3}`),
    bytes(`{${k}:1,${k}:4}`),
    bytes(`{${k}:1,${k}:null}`),
    bytes(`{${k}:"x",${k}:5}`),
    bytes(`{${escapedKey}:6,${k}:7}`),
    // Text fields.
    ...[
      ...'5 5.5 true null [] {} {"a":1,"a":2} {"a":{"b":1,"b":[1,{"c":null,"c":1}]}}'.split(' '),
      ...['" "', ...'"5" "" "\\u0000" "\\u001f" "\\u007f"'.split(' ')],
    ].map((value) => withText(value)),
    ...[
      ...'"\\ud800" "\\udc00\\ud800" "\\ud83d\\ude00" "\\ud83d\\ud83d\\ude00" "a\\uD83Db" "\\"" "\\\\"'.split(
        ' ',
      ),
      ...['"\\/\\b\\f\\n\\r\\t"', '"\\x"', '"\\u12"', '"\\u12G4"', '"\\', "'a'", '"a', '"a"b'],
    ].map((value) => withText(value)),
    withText('"a\tb"'),
    withText('"a\u0000b"'),
    withText('"a\u001fb"'),
    withText('"a\u007fb\u0085\u2028\ufeff"'),
    withText('"a\rb"'),
    withText('"🂡ﬀ\uffff\ue000"'),
    bytes(`{${k}:1,${t}:"a",${t}:1}`),
    bytes(`{${k}:1,${t}:1,${t}:"b"}`),
    bytes(`{${k}:1,"other":{"a":1,"a":2},${t}:"c"}`),
    // Invalid UTF-8: alone, cut short, overlong, surrogates, beyond U+10FFFF; in text, in names and outside.
    ...[
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0x80, 0xbf],
      [0xe2, 0x28, 0xa1],
    ].map((invalid) => withText('"a', invalid, 'b"')),
    bytes(`{${k}:1,"`, [0xff], '":2}'),
    bytes([0xff], `{${k}:1}`),
    bytes(`{${k}:1}`, [0xe2, 0x82]),
    // Other numbers.
    ...'1 -0 -0.0 0.0 -0e5 1.50 1e2 1E+2 1e-400 1e400 -1e400 1e999999999 1e-999999999 5e-324'
      .split(' ')
      .map(withNumber),
    ...'1.7976931348623157e308 1.7976931348623159e308 0.1 0.30000000000000004 9007199254740993'
      .split(' ')
      .map(withNumber),
    ...'123456789012345678901234567890 0.12345678901234567890123456789012345678901'
      .split(' ')
      .map(withNumber),
    ...'"1" null true 1e5 00 1_000 0x1'.split(' ').map(withNumber),
    // At the limits: numbers of 1,000 characters, names of 50,000, nesting of 500.
    ...[
      times('9', 1000),
      times('9', 1001),
      `-${times('9', 999)}`,
      `-${times('9', 1000)}`,
      `0.${times('1', 998)}`,
      `0.${times('1', 999)}`,
      `1e${times('0', 997)}1`,
      `1e${times('0', 998)}1`,
      `-1.5e+${times('0', 994)}1`,
      `-1.5e+${times('0', 995)}1`,
    ].flatMap((value) => [withNumber(value), bytes(`{${k}:8,"x":[${value}]}`)]),
    withText(`"${times('1', 1500)}"`),
    withText(`"\\"${times('1e', 800)}", "y": "${times('-', 1200)}"`),
    ...[50_000, 50_001].flatMap((length) => [
      bytes(`{${k}:9,"${times('n', length)}":1}`),
      bytes(`{${k}:9,"x":{"${times('é', length)}":1}}`),
      bytes(`{${k}:9,"${times('\\u0061', length)}":1}`),
    ]),
    bytes(`{${k}:9,"${times('🂡', 25_000)}":1}`),
    bytes(`{${k}:9,"${times('🂡', 25_001)}":1}`),
    ...[499, 500].flatMap((depth) => [
      withText(times('[', depth), times(']', depth)),
      bytes(`{${k}:10,"x":`, times('{"a":', depth), '1', times('}', depth), '}'),
      bytes(`{${k}:10,"x":`, times('[{"":', depth / 2), '1', times('}]', depth / 2), '}'),
    ]),
    bytes(`{${k}:10,"x":`, times('[', 1200), times(']', 1200), '}'),
    withText(`"${times('[{', 900)}"`),
    withText(`"${times('\\"[', 900)}\\\\"`),
    bytes(`{${k}:11,"x":[${times('[],{},', 600)}[]]}`),
  ];
}

/** Lines at the limit of 16 MiB: each costs every engine some seconds. */
export function hugeLines({ key, text }: OddFields): readonly Buffer[] {
  const limit = 16 * 1024 * 1024;
  const [before, after] = [`{"${key}":12,"${text}":"`, '"}'];
  const filled = (length: number) => `${before}${times('x', length - before.length - after.length)}${after}`;
  return [bytes(filled(limit)), bytes(filled(limit + 1)), bytes(` \t${filled(limit)}\r `)];
}
