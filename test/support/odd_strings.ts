/** Strings that have been read wrongly somewhere, of the kinds that the cleaning rules tell apart. */

/** White space, quotes and escapes, letters that fold or sort unexpectedly, and what stands for a missing value. */
export const oddWords: readonly string[] = [
  '',
  ...' |\t\n\r |\t\r\n |\u00a0|\u000b|\u000c|\u0000|\u007f|\u2003|\u2028|\ufeff'.split('|'),
  ...'a| a |A|ab|b|é|e\u0301|ß|SS|İ|🂡|ﬀ|\uffff|\ud7ff|\ue000|👩‍👩‍👧'.split('|'),
  ...["it's", '"', '\\', '\\n', '%_', '|', 'x"|"y', ['$', '{x}'].join(''), 'null', 'NaN'],
  ...'No Title Data Available|No Title Data Available |User Info Error|user Info Error'.split('|'),
  ...'No description available|No description available Story format|no description available'.split('|'),
  ...'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e|Image src error.|Image src error|Image src error..'.split('|'),
  ...'Local save in |Local save in /data|Local save in /data/art|Local save in  |Local save in  \t'.split(
    '|',
  ),
  ...'Local save in|Local save in é|Local save in Local save in x|local save in x|local save in /data'.split(
    '|',
  ),
];

/** Counts of followers, with and without a suffix, and what only looks like one. */
export const oddCounts: readonly string[] = [
  ...'316 0 0k 12k 12kk 1kk 1.5M 1.15k 1.005M 2b 1B 1b 0.5 1.5 1.9 0.9999k 00012k 007'.split(' '),
  ...[`0.${'9'.repeat(40)}k`, '0.999999999999999999k', `${'0'.repeat(40)}7`, `${'0'.repeat(40)}7M`],
  ...'1.1234567891b 9007199254740991 9007199254740992 9007199254.740991M 9.007199254740992b'.split(' '),
  ...'9007199.254740991B 9007199.254740992B 9007199254740.9919k 9223372036854775807'.split(' '),
  ...['9223372036854775808', '9'.repeat(400), `1${'0'.repeat(400)}`],
  ...' 12k | 7k |\t12k\r\n|12k\n|12 k|7 k|1.5 M|12K\u00a0|\u000b12|12\u212a'.split('|'),
  ...'1. .5 .5k 1.k 1..5k 1..2 +1 -1 -0 1e3 1,000 ٣ ３ １k ١k k'.split(' '),
];

/** Times in the two forms that are read, at the edges of the calendar, and in forms that are not. */
export const oddTimes: readonly string[] = [
  ...'2020-08-28 03:52:47|2020-08-28T03:52:47|2020-08-28t03:52:47|2000-02-29T00:00:00'.split('|'),
  ...'2020-02-29 00:00:00|2020-02-29 12:00:00|2019-02-29 00:00:00|2019-02-29 12:00:00'.split('|'),
  ...'1900-02-29 00:00:00|2000-02-29 23:59:59|2020-04-31 00:00:00|2020-04-00 00:00:00'.split('|'),
  ...'2020-13-01 00:00:00|2020-00-10 00:00:00|2020-01-00 00:00:00|2020-01-01 24:00:00'.split('|'),
  ...'2020-01-01 23:60:00|2020-01-01 23:59:60|0000-01-01 00:00:00|0001-01-01 00:00:00'.split('|'),
  ...'9999-12-31 23:59:59|1582-10-04 00:00:00|1582-10-10 12:00:00|1582-10-15 00:00:00'.split('|'),
  ...'1970-01-01 00:00:00|1969-12-31 23:59:59|2021-03-28 02:30:00|2015-01-01 00:00:00'.split('|'),
  ...'2020-12-31 23:59:59|2020-1-1 00:00:00|2020-1-01 00:00:000|2020-01-01|2020-01-01 00:00'.split('|'),
  ...'2020-01-01 0:00:0000|2020-01-01 00:00:00.5|2020-01-01 00:00:00Z|2020-01-01 00:00:00 UTC'.split('|'),
  ...' 2020-01-01 00:00:00|2020-01-01 00:00:00 |2020-01-01 00:00:00\n|2020-01-01  00:00:00'.split('|'),
  ...'+2020-01-01 00:00:00|-2020-01-01 00:00:00|12020-01-01 00:00:00|２020-01-01 00:00:00'.split('|'),
  ...'2020-01-01\n00:00:00|2020-01-01t00:00:00'.split('|'),
];
