/** The HTML document around every page. */

/** A page, its parts as HTML; the title is without markup. */
interface HtmlPage {
  readonly title: string;
  readonly head: string;
  readonly body: string;
  /** The link for those who use the keyboard, to the id of an element. Default: to the answers. */
  readonly skip?: { readonly to: string; readonly text: string };
}

export function htmlDocument({ title, head, body, skip = skipToAnswers }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
<a class="skip" href="#${skip.to}">${skip.text}</a>
${body}
</body>
</html>
`;
}

const skipToAnswers = { to: 'answers', text: 'Skip to the answers' };
