/** The section of the report on events read, repeated and quarantined. */

import { readableNumber } from '../readable.ts';
import { quarantinedOf, type Summary } from '../summary.ts';
import { escapeHtml } from './html.ts';
import { htmlTable } from './html_table.ts';

const reasons: Readonly<Record<string, string>> = {
  malformed_json: 'not one well-formed JSON object on a line',
  missing_key: 'no usable key',
};

/** Totals, then the numbers of each dataset with the reasons for quarantine. */
export function summarySection(summary: Summary): string {
  const { datasets, files, filesBefore, seconds, warnings } = summary;
  const total = (of: (dataset: Summary['datasets'][number]) => number) =>
    readableNumber(datasets.reduce((sum, dataset) => sum + of(dataset), 0));
  const facts = [
    ['Events read', total(({ read }) => read)],
    ['Distinct rows kept', total(({ kept }) => kept)],
    ['Repeated', total(({ repeated }) => repeated)],
    ['Quarantined', total(quarantinedOf)],
    ['Erased', total(({ erased }) => erased)],
    ['Known before', total(({ known }) => known)],
    ['Landing files', readableNumber(files)],
    ['Files read before', readableNumber(filesBefore)],
    ['Seconds', readableNumber(Math.round(seconds * 100) / 100)],
  ] as const;
  return `<section aria-labelledby="summary-heading">
<h2 id="summary-heading">What was read</h2>
${warnings.length === 0 ? '' : `<ul class="warnings">${warnings.map((warning) => `<li>${escapeHtml(warning)}</li>`).join('')}</ul>\n`}<dl class="facts">
${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('\n')}
</dl>
${htmlTable({
  id: 'datasets',
  caption: 'Events of each dataset',
  headings: [
    'Dataset',
    'Read',
    'Kept',
    'Repeated',
    'Quarantined',
    'Erased',
    'Known before',
    'Why quarantined',
  ],
  rows: datasets.map(datasetCells),
  numeric: [1, 2, 3, 4, 5, 6],
})}
${nulledTable(datasets)}
</section>`;
}

/** The values that rules have made null, by dataset, column and rule. */
export function nulledTable(
  datasets: readonly { readonly name: string; readonly nulled: Readonly<Record<string, number>> }[],
): string {
  return htmlTable({
    id: 'nulled',
    caption: 'Values that a rule made null',
    headings: ['Dataset', 'Values', 'Column and rule'],
    rows: datasets.flatMap(({ name, nulled }) =>
      Object.entries(nulled).map(([rule, values]) => [
        escapeHtml(name),
        readableNumber(values),
        `<code>${escapeHtml(rule)}</code>`,
      ]),
    ),
    numeric: [1],
  });
}

function datasetCells(dataset: Summary['datasets'][number]): string[] {
  const { name, read, kept, repeated, quarantined, erased, known } = dataset;
  const numbers = [read, kept, repeated, quarantinedOf(dataset), erased, known];
  return [escapeHtml(name), ...numbers.map(readableNumber), quarantineReasons(quarantined)];
}

/** Quarantined events by reason, as HTML. */
export function quarantineReasons(quarantined: Readonly<Record<string, number>>): string {
  const found = Object.entries(quarantined).filter(([, events]) => events > 0);
  return found.length === 0
    ? 'none'
    : found
        .map(
          ([reason, events]) =>
            `${readableNumber(events)} <code>${escapeHtml(reason)}</code>${Object.hasOwn(reasons, reason) ? ` (${reasons[reason]})` : ''}`,
        )
        .join('<br>');
}
