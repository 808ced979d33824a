/** How much room a text takes in columns of a terminal, and texts cut to fit. Emoji and East Asian scripts take two. */

let segmenter: Intl.Segmenter | undefined;
/** Nearly all text here, Latin with dashes and dots: a column each, without Unicode's tables, which take long to load. */
const simple = /^[ -~\u00A0-\u00AC\u00AE-\u02FF\u2010-\u2027]*$/;
const emoji = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Regional_Indicator}/u;
const withoutWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** East Asian scripts and full-width forms, after W and F of Unicode's EastAsianWidth. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;

/** The columns that a text takes. */
export function textWidth(text: string): number {
  if (simple.test(text)) {
    return text.length;
  }
  return graphemes(text).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0);
}

/** The text, or as much of it as fits into so many columns with `…` behind; no character is cut in two. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  if (simple.test(text)) {
    return `${text.slice(0, Math.max(0, width - 1))}…`;
  }
  let kept = '';
  let left = width - 1;
  for (const grapheme of graphemes(text)) {
    left -= graphemeWidth(grapheme);
    if (left < 0) {
      break;
    }
    kept += grapheme;
  }
  return `${kept}…`;
}

/** What a reader takes for one character: an emoji of several code points is one. */
function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (withoutWidth.test(grapheme)) {
    return 0;
  }
  return emoji.test(grapheme) || wide.test(grapheme) ? 2 : 1;
}
