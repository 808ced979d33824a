/** Two texts side by side, line by line. */
import { escapeHtml } from '../../../../pipeline/ui/web/html.ts';

/** A line of either text; undefined on the side that has none. */
export type Pair = readonly [before: string | undefined, after: string | undefined];

/** Lines in the order of both texts: those that both have stand beside each other. */
export function pairsOf(before: readonly string[], after: readonly string[]): readonly Pair[] {
  // The length of the longest common part of what follows two places.
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined) {
        row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      pairs.push([before[i], after[j]]);
      [i, j] = [i + 1, j + 1];
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) {
      pairs.push([before[i], undefined]);
      i += 1;
    } else {
      pairs.push([undefined, after[j]]);
      j += 1;
    }
  }
  return joined(pairs);
}

/** A line that goes stands beside one that comes in its place. */
function joined(pairs: readonly Pair[]): readonly Pair[] {
  const result: Pair[] = [];
  let gone: string[] = [];
  let come: string[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(gone.length, come.length); at += 1) {
      result.push([gone[at], come[at]]);
    }
    [gone, come] = [[], []];
  };
  for (const [before, after] of pairs) {
    if (before !== undefined && after !== undefined) {
      flush();
      result.push([before, after]);
    } else if (before !== undefined) {
      gone.push(before);
    } else if (after !== undefined) {
      come.push(after);
    }
  }
  flush();
  return result;
}

/** Both texts as a table of two columns. */
export function sideBySide(id: string, name: string, before: string, after: string): string {
  const linesOf = (text: string) => (text === '' ? [] : text.trimEnd().split('\n'));
  const rows = pairsOf(linesOf(before), linesOf(after)).map(([old, now]) => {
    const cell = (line: string | undefined, mark: string) =>
      line === undefined
        ? '<td class="none"></td>'
        : `<td><code>${old === now ? escapeHtml(line) : `<${mark}>${escapeHtml(line)}</${mark}>`}</code></td>`;
    return `<tr>${cell(old, 'del')}${cell(now, 'ins')}</tr>`;
  });
  return `<div class="table sides" role="region" aria-labelledby="${id}-caption" tabindex="0">
<table>
<caption id="${id}-caption">${escapeHtml(name)}</caption>
<thead><tr><th scope="col">Before</th><th scope="col">Now</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>`;
}
