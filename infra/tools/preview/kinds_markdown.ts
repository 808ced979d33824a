/** Kinds of change to tables as a Markdown table. */
import type { TableChange } from './kinds.ts';
import { cell } from './markdown.ts';

/** Empty when there is no change. */
export function kindsMarkdown(changes: readonly TableChange[]): string {
  if (changes.length === 0) {
    return '';
  }
  return [
    '| table | column | kind | | reaches |',
    '|---|---|---|---|---|',
    ...changes.map(({ table, column, kind, detail, reaches }) => {
      const shownKind = kind === 'breaking' ? '**breaking**' : kind;
      return `| ${cell(table)} | ${cell(column ?? '')} | ${shownKind} | ${cell(detail)} | ${cell(reaches.join('; '))} |`;
    }),
  ].join('\n');
}
