/** The picture of the flow as HTML: boxes in the order of an event, arrows between them by the style sheet. */
import { escapeHtml } from '../../../../pipeline/ui/web/html.ts';
import type { Effect } from '../effect.ts';
import { flowOf, type Item, type Place, places, type State, states } from './flow.ts';
import { section } from './section.ts';

const words: Readonly<Record<State, string>> = {
  grave: 'breaking, replaced or gone',
  changed: 'changed',
  added: 'new',
  same: 'as it was',
};

const way = ['posts', 'api', 'topics', 'landing', 'streams', 'job', 'silver', 'answers'] as const;

export function flowSection(effect: Effect): string {
  const flow = flowOf(effect);
  return section({
    id: 'flow',
    title: 'The flow of events',
    body: `<ul class="legend">${states.map((state) => `<li class="item ${state}">${words[state]}</li>`).join('')}</ul>
<div class="flow">
${way.map((place) => box(place, flow[place])).join('\n')}
</div>
${box('around', flow.around)}`,
  });
}

function box(place: Place, items: readonly Item[]): string {
  return `<div class="place ${place}">
<h3>${places[place]}</h3>
<ul>
${items.map(itemHtml).join('\n')}
</ul>
</div>`;
}

function itemHtml({ name, state, note }: Item): string {
  const shown = note === '' ? '' : ` <small>${escapeHtml(note)}</small>`;
  return `<li class="item ${state}">${escapeHtml(name)}${shown}</li>`;
}
