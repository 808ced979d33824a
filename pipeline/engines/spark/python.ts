/** Python for notebooks, in which no value can break out of its quotes. */

/**
 * SQL as a raw Python string, unchanged but for the line breaks around it where it has several lines.
 * @throws RangeError when the SQL would end the string
 */
export function pythonSql(sql: string): string {
  if (sql.includes('"""') || /["\\]$/.test(sql)) {
    throw new RangeError(`This SQL cannot stand in a raw Python string: ${sql}`);
  }
  return sql.includes('\n') ? `r"""\n${sql}\n"""` : `r"""${sql}"""`;
}

/** A Python string literal in ASCII. JSON's escapes are Python's. */
export function pythonString(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => {
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
