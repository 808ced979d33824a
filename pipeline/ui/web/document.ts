/** The HTML document around every page. */

/** A page as HTML. All parts are HTML already; the title is without markup. */
export function htmlDocument({ title, head, body }: { title: string; head: string; body: string }): string {
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
<a class="skip" href="#answers">Skip to the answers</a>
${body}
</body>
</html>
`;
}
