/** A section of the page. */
import { escapeHtml } from '../../../../pipeline/ui/web/html.ts';

/** A part of the page that its contents list. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** HTML; empty for nothing to show. */
  readonly body: string;
}

export function section({ id, title, body }: Section): string {
  return body === ''
    ? ''
    : `<section id="${id}" aria-labelledby="${id}-heading" tabindex="-1">
<h2 id="${id}-heading">${escapeHtml(title)}</h2>
${body}
</section>`;
}
