/** Pieces of Python for notebooks, written so that no value can break out of its quotes. */

/**
 * SQL as a raw Python text of several lines, nothing added to it.
 * @throws RangeError when the SQL holds what would end the text
 */
export function pythonSql(sql: string): string {
  if (sql.includes('"""') || /["\\]$/.test(sql)) {
    throw new RangeError(`This SQL cannot stand in a raw Python text: ${sql}`);
  }
  return `r"""\n${sql}\n"""`;
}

/** Text as a Python literal; JSON's escapes are Python's. */
export function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Cells of a notebook, as Databricks' source format separates them. */
export function cells(sources: readonly string[]): string {
  return sources.join('\n\n# COMMAND ----------\n\n');
}

/** A cell of Markdown. */
export function markdown(text: string): string {
  return ['%md', ...text.split('\n')].map((line) => `# MAGIC ${line}`.trimEnd()).join('\n');
}
