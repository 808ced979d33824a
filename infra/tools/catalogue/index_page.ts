/** The first page of the catalogue, and the index of its search. */
import { readableNumber } from '../../../pipeline/ui/readable.ts';
import { escapeHtml } from '../../../pipeline/ui/web/html.ts';
import { htmlTable } from '../../../pipeline/ui/web/html_table.ts';
import {
  type Catalogue,
  code,
  facts,
  fileOfDataset,
  fileOfQuery,
  idOfColumn,
  page,
  scoreInShort,
  section,
} from './parts.ts';
import { placesOfDataset, placesOfQuery } from './places.ts';
import { expressionInWords } from './words.ts';

export function indexPage(catalogue: Catalogue): string {
  const { datasets, answers, scores, places, version } = catalogue;
  const of = [...scores.values()];
  const planted = of.reduce((sum, score) => sum + score.planted, 0);
  const unnoticed = of.reduce((sum, score) => sum + score.unnoticed.length, 0);
  const cases = of.reduce((sum, { file }) => sum + file.cases.length, 0);
  const casesOf = (name: string) => String(scores.get(name)?.file.cases.length ?? 0);
  return page({
    title: 'Catalogue',
    root: '',
    lead: `What the Pinterest pipeline holds and answers. Version ${version}, stack ${places.stack}.`,
    body: [
      facts([
        ['Datasets', String(datasets.length)],
        ['Answers', String(answers.length)],
        ['Cases', readableNumber(cases)],
        [
          'Planted faults that they notice',
          `${readableNumber(planted - unnoticed)} of ${readableNumber(planted)}`,
        ],
      ]),
      section(
        'datasets',
        'Datasets',
        htmlTable({
          id: 'datasets',
          caption: 'Kinds of events, cleaned into a table each',
          headings: ['Dataset', 'What it is', 'Columns', 'Cases', 'Faults noticed'],
          rows: datasets.map((dataset) => [
            `<a href="${fileOfDataset(dataset)}">${escapeHtml(dataset.name)}</a>`,
            escapeHtml(dataset.description),
            Object.keys(dataset.clean)
              .map(
                (column) =>
                  `<a href="${fileOfDataset(dataset)}#${idOfColumn(column)}">${escapeHtml(column)}</a>`,
              )
              .join(', '),
            casesOf(dataset.name),
            scoreInShort(scores.get(dataset.name)),
          ]),
          numeric: [3],
        }),
      ),
      section(
        'answers',
        'Answers',
        htmlTable({
          id: 'answers',
          caption: 'Questions, answered by the batch and, at every moment, by the stream',
          headings: ['Question', 'Name', 'Rows', 'Cases', 'Faults noticed'],
          rows: answers.map(({ query, rows }) => [
            `<a href="${fileOfQuery(query)}">${escapeHtml(query.title)}</a>`,
            code(query.name),
            readableNumber(rows.length),
            casesOf(query.name),
            scoreInShort(scores.get(query.name)),
          ]),
          numeric: [2, 3],
        }),
      ),
      section(
        'notebooks',
        'Notebooks',
        `<ul class="list">\n${places.notebooks.map((path) => `<li>${code(path)}</li>`).join('\n')}\n</ul>`,
      ),
    ].join('\n'),
  });
}

/** An entry of the search: its kind, its name, words about it, and where it is. */
type Entry = readonly [kind: string, name: string, about: string, href: string];

/** A script that defines the entries: pages on disk may run scripts of their folder, and read no other file. */
export function searchIndexScript(catalogue: Catalogue): string {
  return `const searchIndex = ${JSON.stringify(entriesOf(catalogue))};\n`;
}

function entriesOf({ datasets, answers, places }: Catalogue): readonly Entry[] {
  const placed = (kinds: readonly (readonly [string, string])[], page: string) =>
    kinds.map(([kind, name]): Entry => [kind, name, '', `${page}#places-heading`]);
  const entries = [
    ...datasets.flatMap((dataset): Entry[] => {
      const { name, description, raw, clean } = dataset;
      const file = fileOfDataset(dataset);
      return [
        ['Dataset', name, description, file],
        ...Object.entries(clean).map(
          ([column, rule]): Entry => [
            'Column',
            `${name}.${column}`,
            expressionInWords(rule),
            `${file}#${idOfColumn(column)}`,
          ],
        ),
        ...Object.entries(raw).map(
          ([field, type]): Entry => [
            'Field',
            field,
            `${type} in the events of ${name}`,
            `${file}#field-${field}`,
          ],
        ),
        ...placed(placesOfDataset(places, dataset), file),
      ];
    }),
    ...answers.flatMap(({ query }): Entry[] => {
      const file = fileOfQuery(query);
      return [
        ['Answer', query.title, query.name, file],
        ...Object.entries(query.schema).map(
          ([column, type]): Entry => [
            'Column of an answer',
            `${query.name}.${column}`,
            type,
            `${file}#lineage-heading`,
          ],
        ),
        ...placed(placesOfQuery(places, query), file),
      ];
    }),
  ];
  // A notebook is named by everything that it makes.
  const seen = new Set<string>();
  return entries.filter(([kind, name]) => {
    const key = JSON.stringify([kind, name]);
    return !seen.has(key) && seen.add(key);
  });
}
