/** HTML from text that anybody may have written. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it is, for between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** JSON for inside a script element, which nothing in it can end. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/**
 * A program for inside a script element: `</script` and `<!--` would end or change it. In strings and regular
 * expressions, the only places where a program holds them, the backslash means nothing.
 */
export function programForScript(program: string): string {
  return program.replace(/<(\/script|!--)/gi, '<\\$1');
}
