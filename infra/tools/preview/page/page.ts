/** The whole effect of a change on one self-contained page that opens from disk and asks no network for anything. */
import { readFileSync } from 'node:fs';
import { pageFile } from '../../../../pipeline/ui/web/assets.ts';
import { contentSecurityPolicy } from '../../../../pipeline/ui/web/content_security_policy.ts';
import { htmlDocument } from '../../../../pipeline/ui/web/document.ts';
import { escapeHtml, escapeScript } from '../../../../pipeline/ui/web/html.ts';
import { changesNothing, type Effect } from '../effect.ts';
import { cloudSection, moneySection } from './cloud_html.ts';
import { notebooksSection, sqlSection } from './code_html.ts';
import { flowSection } from './flow_html.ts';
import { lineageSection } from './lineage_html.ts';
import { computedSection, kindsSection, readAgainSection, rowsSection } from './tables_html.ts';

export function page(effect: Effect): string {
  const { stack, against } = effect;
  const script = escapeScript(ownFile('page.js'));
  const sections = [
    kindsSection(effect),
    readAgainSection(effect),
    flowSection(effect),
    lineageSection(effect),
    rowsSection(effect),
    computedSection(effect),
    moneySection(effect),
    cloudSection(effect),
    sqlSection(effect),
    notebooksSection(effect),
  ].filter((text) => text !== '');
  return htmlDocument({
    title: `What this changes: ${escapeHtml(stack)}, against ${escapeHtml(against)}`,
    head: `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy([script])}">
<style>
${pageFile('style.css')}
${ownFile('page.css')}</style>`,
    body: `<header>
<h1>What this changes</h1>
<p>The stack ${escapeHtml(stack)}, against ${escapeHtml(against)}${changesNothing(effect) ? ': <strong>nothing</strong>' : ''}.</p>
</header>
<main>
${facts(effect)}
<nav aria-label="Contents">
<ol>
${sections.map(link).join('\n')}
</ol>
</nav>
${sections.join('\n')}
</main>
<script>${script}</script>`,
  });
}

function ownFile(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

function link(section: string): string {
  const [, id = ''] = /^<section id="([^"]+)"/.exec(section) ?? [];
  const [, title = ''] = /<h2[^>]*>([^<]*)</.exec(section) ?? [];
  return `<li><a href="#${id}">${title}</a></li>`;
}

function facts({ kinds, cloud, money, spark, readAgain }: Effect): string {
  const ofKind = (kind: string) => kinds.filter((change) => change.kind === kind).length;
  const numbers = [
    ['Breaking', ofKind('breaking')],
    ['Other values', ofKind('other values')],
    ['Added', ofKind('added')],
    ['Datasets read again', readAgain.length],
    ['Resources created', cloud.created.length],
    ['Changed', cloud.changed.filter(({ replaced }) => !replaced).length],
    ['Replaced', cloud.changed.filter(({ replaced }) => replaced).length],
    ['Deleted', cloud.deleted.length],
    ['Notebooks', spark.length],
    [
      'Dollars a month',
      money.before === undefined || money.before === money.after
        ? (money.after ?? '?')
        : `${money.before} → ${money.after ?? '?'}`,
    ],
  ] as const;
  return `<dl class="facts">
${numbers.map(([name, number]) => `<div><dt>${name}</dt><dd>${number}</dd></div>`).join('\n')}
</dl>`;
}
