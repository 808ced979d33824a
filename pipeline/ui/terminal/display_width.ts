/** The width of strings in terminal columns. Emoji and East Asian characters take two. */

let segmenter: Intl.Segmenter | undefined;
/** Latin with dashes and dots, nearly all strings here: one column a character, without loading Unicode's tables. */
const simple = /^[ -~\u00A0-\u00AC\u00AE-\u02FF\u2010-\u2027]*$/;
const emoji = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Regional_Indicator}/u;
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** East Asian scripts and full-width forms: W and F of Unicode's EastAsianWidth. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;

/** The number of terminal columns that a string takes. */
export function displayWidth(value: string): number {
  if (simple.test(value)) {
    return value.length;
  }
  return graphemes(value).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0);
}

/** Truncates a string to a width, `…` included, between two graphemes. */
export function truncateToWidth(value: string, width: number): string {
  if (displayWidth(value) <= width) {
    return value;
  }
  if (simple.test(value)) {
    return `${value.slice(0, Math.max(0, width - 1))}…`;
  }
  let kept = '';
  let left = width - 1;
  for (const grapheme of graphemes(value)) {
    left -= graphemeWidth(grapheme);
    if (left < 0) {
      break;
    }
    kept += grapheme;
  }
  return `${kept}…`;
}

/** The characters as a reader sees them: an emoji of several code points is one. */
function graphemes(value: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(value), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (zeroWidth.test(grapheme)) {
    return 0;
  }
  return emoji.test(grapheme) || wide.test(grapheme) ? 2 : 1;
}
