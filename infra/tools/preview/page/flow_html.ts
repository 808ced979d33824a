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

export function flowSection(effect: Effect): string {
  const flow = flowOf(effect);
  const { around, ...way } = places;
  const boxes = Object.entries(way).map(([place, title]) => box(place, title, flow[isPlace(place)]));
  return section({
    id: 'flow',
    title: 'The flow of events',
    body: `<ul class="legend">${states.map((state) => `<li class="item ${state}">${words[state]}</li>`).join('')}</ul>
<div class="flow">
${boxes.join('\n')}
</div>
${box('around', around, flow.around)}`,
  });
}

function isPlace(place: string): Place {
  const found = Object.keys(places).find((one): one is Place => one === place);
  if (found === undefined) {
    throw new RangeError(`The flow has no place "${place}".`);
  }
  return found;
}

function box(place: string, title: string, items: readonly Item[]): string {
  return `<div class="place ${place}">
<h3>${escapeHtml(title)}</h3>
<ul>
${items.map(itemHtml).join('\n')}
</ul>
</div>`;
}

function itemHtml({ name, state, note }: Item): string {
  const shown = note === '' ? '' : ` <small>${escapeHtml(note)}</small>`;
  return `<li class="item ${state}">${escapeHtml(name)}${shown}</li>`;
}
