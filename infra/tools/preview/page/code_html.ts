/** Changed code as HTML: the SQL of tables side by side, notebooks as git shows them. */
import { escapeHtml } from '../../../../pipeline/ui/web/html.ts';
import type { Effect } from '../effect.ts';
import { section } from './section.ts';
import { sideBySide } from './side_by_side.ts';

export function sqlSection({ before, after }: Effect): string {
  const names = Object.keys({ ...after.tables, ...before.tables });
  const changed = names.flatMap((name) => {
    const [old, now] = [before.tables[name], after.tables[name]];
    // An older version that has the table and does not tell its SQL cannot be compared.
    const untold =
      (old !== undefined && old.sql === undefined) || (now !== undefined && now.sql === undefined);
    return untold || old?.sql === now?.sql ? [] : [{ name, before: old?.sql ?? '', after: now?.sql ?? '' }];
  });
  const shown = changed.map(({ name, before: old, after: now }, at) =>
    sideBySide(`sql-${at}`, name, old, now),
  );
  return section({ id: 'sql', title: 'SQL side by side', body: shown.join('\n') });
}

export function notebooksSection({ spark }: Effect): string {
  const shown = spark.map(
    ({ file, diff }, at) => `<details>
<summary>${escapeHtml(file)}</summary>
<pre role="region" aria-label="${escapeHtml(file)}" tabindex="0" id="notebook-${at}">${diff.trimEnd().split('\n').map(line).join('\n')}</pre>
</details>`,
  );
  return section({ id: 'notebooks', title: 'Notebooks', body: shown.join('\n') });
}

function line(text: string): string {
  const escaped = escapeHtml(text);
  return text.startsWith('+')
    ? `<ins>${escaped}</ins>`
    : text.startsWith('-')
      ? `<del>${escaped}</del>`
      : escaped;
}
