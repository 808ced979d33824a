/** The parts that all pages of the catalogue share. */
import type { Score } from '../../../pipeline/cases/mutation/score.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import { readableNumber } from '../../../pipeline/ui/readable.ts';
import type { AnswerRows } from '../../../pipeline/ui/web/answer_cards.ts';
import { htmlDocument } from '../../../pipeline/ui/web/document.ts';
import { escapeHtml } from '../../../pipeline/ui/web/html.ts';
import { htmlTable } from '../../../pipeline/ui/web/html_table.ts';
import type { Place, Places } from './places.ts';

/** The contents of a catalogue. */
export interface Catalogue {
  /** The version of the project. */
  readonly version: string;
  readonly datasets: readonly Dataset[];
  /** The queries, with their answers over the fixture. */
  readonly answers: readonly AnswerRows[];
  /** Posts of the fixture. */
  readonly posts: number;
  /** By query or dataset; those without cases have none. */
  readonly scores: ReadonlyMap<string, Score>;
  readonly places: Places;
}

/** A page's file from the catalogue's folder on. */
export const fileOfDataset = ({ name }: Pick<Dataset, 'name'>) => `datasets/${name}.html`;
export const fileOfQuery = ({ name }: Pick<Query, 'name'>) => `queries/${name}.html`;
export const contractFile = ({ name }: Pick<Dataset, 'name'>) => `contracts/${name}.odcs.yaml`;
export const schemaFile = ({ name }: Pick<Dataset, 'name'>) => `schemas/${name}.schema.json`;
/** The id of a column on its dataset's page. */
export const idOfColumn = (column: string) => `column-${column}`;

/** Allows the site's own files alone; `file:` is what they are when the site is opened from disk. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self' file: 'unsafe-inline'",
  "script-src 'self' file:",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

interface Page {
  readonly title: string;
  /** The way to the catalogue's folder: empty, or `../`. */
  readonly root: '' | '../';
  readonly lead: string;
  readonly body: string;
  /** Scripts that the page needs besides the search. */
  readonly scripts?: readonly string[];
}

/** A page with the search at its top. Title and lead are text, the body HTML. */
export function page({ title, root, lead, body, scripts = [] }: Page): string {
  const files = ['search_index.js', 'catalogue.js', ...scripts];
  const home = root === '' ? '' : `<p class="way"><a href="${root}index.html">Catalogue</a></p>\n`;
  return htmlDocument({
    title: `${escapeHtml(title)} · Pinterest catalogue`,
    skip: { to: 'content', text: 'Skip to the content' },
    head: `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">
<link rel="stylesheet" href="${root}style.css">
${files.map((file) => `<script src="${root}${file}" defer></script>`).join('\n')}`,
    body: `<header>
${home}<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(lead)}</p>
<search data-root="${root}" hidden>
<label for="search">Search datasets, fields, columns, answers and places</label>
<input id="search" type="search" autocomplete="off" spellcheck="false" aria-describedby="found">
<p id="found" class="note" role="status"></p>
<ul id="results" class="results"></ul>
</search>
</header>
<main id="content" tabindex="-1">
${body}
</main>`,
  });
}

/** A section with a heading. */
export function section(id: string, title: string, body: string): string {
  return `<section aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${escapeHtml(title)}</h2>
${body}
</section>`;
}

/** Numbers with their names. */
export function facts(of: readonly (readonly [name: string, value: string])[]): string {
  return `<dl class="facts">
${of.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n')}
</dl>`;
}

/** Code that opens on a click. */
export function foldedCode(summary: string, text: string): string {
  return `<details>
<summary>${escapeHtml(summary)}</summary>
<pre tabindex="0">${escapeHtml(text)}</pre>
</details>`;
}

export function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}

/** A link to a silver column, written `dataset.column`. */
export function columnLink(source: string, root: string): string {
  const [dataset = '', column = ''] = source.split('.');
  return `<a href="${root}${fileOfDataset({ name: dataset })}#${idOfColumn(escapeHtml(column))}">${escapeHtml(source)}</a>`;
}

/** The places in the cloud. */
export function placesSection({ stack }: Places, places: readonly Place[]): string {
  const rows = places.map(([kind, name]) => [escapeHtml(kind), code(name)]);
  return section(
    'places',
    'In the cloud',
    htmlTable({
      id: 'places',
      caption: `As the stack ${escapeHtml(stack)} names it`,
      headings: ['What', 'Name'],
      rows,
      numeric: [],
    }),
  );
}

/** The cases of a query or dataset, and what they notice. */
export function casesSection(score: Score | undefined): string {
  if (score === undefined) {
    return section('cases', 'Cases', '<p>No case tests it yet.</p>');
  }
  const { file, unnoticed } = score;
  const faults = unnoticed.map(
    ({ text, because }) => `<li>${code(text)}${because === undefined ? '' : `: ${escapeHtml(because)}`}</li>`,
  );
  return section(
    'cases',
    'Cases',
    `<p>${escapeHtml(scoreText(score))} The cases are in ${code(file.file)}:</p>
<ul class="list">
${file.cases.map(({ name, line }) => `<li>${escapeHtml(name)} <small>line ${line}</small></li>`).join('\n')}
</ul>
${faults.length === 0 ? '' : `<p>Not noticed:</p>\n<ul class="list">\n${faults.join('\n')}\n</ul>`}`,
  );
}

/** The mutation score in a sentence. */
function scoreText({ planted, unnoticed }: Score): string {
  const noticed = `${readableNumber(planted - unnoticed.length)} of ${readableNumber(planted)} planted faults are noticed`;
  const harmless = unnoticed.filter(({ because }) => because !== undefined).length;
  return harmless === 0
    ? `${noticed}.`
    : `${noticed}; ${harmless} more ${harmless === 1 ? 'changes' : 'change'} no answer.`;
}

/** `23 of 24`, or a dash where there are no cases. */
export function scoreInShort(score: Score | undefined): string {
  return score === undefined ? '–' : `${score.planted - score.unnoticed.length} of ${score.planted}`;
}
