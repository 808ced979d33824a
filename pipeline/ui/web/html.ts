/** Escapes untrusted strings for HTML. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a string for use between tags and inside quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** JSON for a script element; no string in it can close the element. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/**
 * Escapes a script for a script element, which `</script` and `<!--` would close or change. Scripts hold them only in
 * strings and regular expressions, where the added backslash means nothing.
 */
export function escapeScript(script: string): string {
  return script.replace(/<(\/script|!--)/gi, '<\\$1');
}
