/** Events as nobody would wish them: generators for property tests, few enough values that they repeat and tie. */
import fc from 'fast-check';

const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ...['x"|"y', '|', "'", '\\', '\ud800', 'a\udc00b'],
    ...'a|b|A|🂡|ﬀ|é| |\t\n\r |\u00a0|\u2028| a |null|No Title Data Available|User Info Error'.split('|'),
    ...'No description available|No description available Story format|Image src error.'.split('|'),
    ...'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e|Image src error|Local save in |Local save in /data/a'.split('|'),
    ...'Local save in  |local save in /data'.split('|'),
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const key = fc.integer({ min: 0, max: 6 });
const count = fc.oneof(
  fc.constantFrom(
    ...['', ' 7k ', '7 k', 'User Info Error'],
    ...'0 1 12k 1.5M 1.15k 0.9999999k 1.9 1.k .5k 1e3 ٣ 007 1B -1'.split(' '),
    ...'9007199254740991 9007199254740992 9007199.254740992B'.split(' '),
  ),
  { weight: 3, arbitrary: fc.nat(30).map(String) },
);
const year = fc.constantFrom(
  ...'0000 0001 1582 2014 2015 2016 2017 2018 2020 2021 2022 2023 9999'.split(' '),
);
const oddTime = fc.oneof(
  fc
    .tuple(
      year,
      fc.constantFrom(
        ...'-01-01 00:00:00|-12-31T23:59:59|-02-29 12:00:00|-06-15 10:10:10|-02-30 00:00:00'.split('|'),
        ...'-01-01 24:00:00|-01-01 00:00:60|-01-01 00:00:00\n|-1-1 00:00:00|-01-01t00:00:00'.split('|'),
        '-01-01 00:00:00Z',
      ),
    )
    .map(([y, rest]) => y + rest),
  oddText,
);
/** Most are real times of years about which the queries ask, the bounds come with the odd ones: or answers would be empty and agree about nothing. */
const time = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 2017, max: 2021 }),
        fc.constantFrom('-01-01 00:00:00', '-12-31T23:59:59', '-06-15 10:10:10'),
      )
      .map(([of, rest]) => `${of}${rest}`),
  },
  { weight: 1, arbitrary: oddTime },
);
const age = fc.constantFrom(0, 17, 18, 20, 24, 25, 30, 35, 36, 50, 51, 99, -1);
const degrees = fc.constantFrom(0, -0.0, 90, -90, 90.0001, 180, -180.5, 12.25, 1e308);

/** JSON text of a value, or of something of another type altogether. */
const json = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: value.map((v) => JSON.stringify(v)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...'null true {} [] "5" 1.0 1e2 -0 9007199254740993 1e999 "\\ud83c" "\\u0041\\n" "é\\/"'.split(' '),
        '[1,[2,{"a":"}"}]]',
      ),
    },
  );

const space = fc.constantFrom('', '', '', ' ', '\t', '\r');

/** One line: fields perhaps missing, twice, in another order, with spaces; sometimes rubbish. */
function line(fields: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const pairs = Object.entries(fields).map(([name, value]) =>
    fc.tuple(fc.constant(name), value, space).map(([n, v, s]) => `${s}${JSON.stringify(n)}${s}:${s}${v}`),
  );
  const whole = fc.tuple(...pairs).map((all) => all.join(','));
  const some = fc
    .tuple(...pairs)
    .chain((all) =>
      fc.tuple(fc.shuffledSubarray([...all, '"more":{"index":[1]}']), fc.subarray(all, { maxLength: 2 })),
    )
    .map(([first, again]) => [...first, ...again].join(','));
  const good = fc
    .tuple(space, fc.oneof({ weight: 4, arbitrary: whole }, some), space)
    .map(([a, body, b]) => `${a}{${body}}${b}`);
  const bad = fc.oneof(
    fc.constantFrom(
      ...['', ' ', ...'{ } [] 1 "a" null {}x'.split(' '), "{'index':1}", '{"a":"\\x"}', '{"a":"\u0001"}'],
      ...'{"index":01} {"index":+1} {"index":1,} {"index":1}{"index":2} {"index":NaN}'.split(' '),
      ' \ufeff{}',
    ),
    good.chain((text) => fc.nat(text.length).map((at) => text.slice(0, at))),
    fc.tuple(good, fc.nat(), fc.constantFrom('"', ',', '}', '\\', '0', 'e', ' ')).map(([text, n, c]) => {
      const at = n % (text.length + 1);
      return text.slice(0, at) + c + text.slice(at + 1);
    }),
  );
  // A surrogate alone cannot be written in UTF-8: in a line of text it can only stand as an escape.
  return fc
    .oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: bad })
    .map((text) => text.replaceAll('\n', ' ').replace(/\p{Surrogate}/gu, '\ufffd'));
}

export const pinLine = line({
  index: json(key),
  unique_id: json(fc.constantFrom('u1', 'u2', '')),
  title: json(oddText),
  description: json(oddText),
  poster_name: json(oddText),
  follower_count: json(count),
  tag_list: json(oddText),
  is_image_or_video: json(fc.constantFrom('image', 'video', '')),
  image_src: json(oddText),
  downloaded: json(fc.constantFrom(0, 1)),
  save_location: json(oddText),
  category: json(fc.oneof(fc.constantFrom('art', 'travel', '🂡', 'ﬀ'), oddText)),
});

const geoLine = line({
  ind: json(key),
  timestamp: json(time),
  latitude: json(degrees),
  longitude: json(degrees),
  country: json(fc.oneof(fc.constantFrom('Albania', 'Åland', '🂡', 'ﬀ'), oddText)),
});

const userLine = line({
  ind: json(key),
  first_name: json(oddText),
  last_name: json(oddText),
  age: json(age),
  date_joined: json(time),
});

/** Lines of all three datasets, repeats among them. */
export const landedLines = fc
  .record({
    pin: fc.array(pinLine, { maxLength: 25, size: 'medium' }),
    geo: fc.array(geoLine, { maxLength: 25, size: 'medium' }),
    user: fc.array(userLine, { maxLength: 25, size: 'medium' }),
  })
  .chain(({ pin, geo, user }) =>
    fc.record({
      pin: fc.subarray(pin).map((again) => [...pin, ...again]),
      geo: fc.subarray(geo).map((again) => [...geo, ...again]),
      user: fc.subarray(user).map((again) => [...user, ...again]),
    }),
  )
  // A landing without any line is refused, by a test of its own.
  .filter(({ pin, geo, user }) => pin.length + geo.length + user.length > 0);
