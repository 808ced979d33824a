/** Answers by country as a map of the world, shaded from the smallest value to the largest. */
import { at } from '../../../columns/at.ts';
import type { Query } from '../../../plan/query.ts';
import { heading, readableNumber } from '../../readable.ts';
import { describe, type Point } from '../chart.ts';
import { escapeHtml } from '../html.ts';
import { countryId } from './countries.ts';

/** More shades than this cannot be told apart. */
const shadeCount = 5;

/** The map, its legend, and the names that no country has. The outlines of map/world.svg must be on the page. */
export function countryMap(query: Query, points: readonly Point[]): string {
  const pointsById = new Map<string, Point[]>();
  const unknown: string[] = [];
  for (const point of points) {
    const id = countryId(point.category);
    if (id === undefined) {
      unknown.push(point.category);
    } else {
      pointsById.set(id, [...(pointsById.get(id) ?? []), point]);
    }
  }
  const largest = (of: readonly Point[]) => Math.max(...of.map(({ value }) => value));
  const shades = shadesOf([...pointsById.values()].map(largest));
  const lands = [...pointsById].map(([id, of]) => {
    const shade = shades.findIndex(({ to }) => largest(of) <= to) + 1;
    return `<use href="#land-${id}" class="shade-${shade}"><title>${escapeHtml(of.map(textOf).join('; '))}</title></use>`;
  });
  const legend = shades.map(
    ({ from, to }, index) => `<li><span class="shade-${index + 1}"></span>${rangeOf(from, to)}</li>`,
  );
  return `<figure class="map">
<svg viewBox="0 0 1000 487" role="img" aria-label="${escapeHtml(describe('Map', query, points))}">
<use href="#world" class="land"/>
${lands.join('\n')}
</svg>
<figcaption>
<ul class="legend" aria-label="${escapeHtml(heading(query.chart.value))}">
${legend.join('\n')}
</ul>
${unknownNames(unknown)}
</figcaption>
</figure>`;
}

/** The values of each shade. Each has as many different values as the others, since few countries have most of everything. */
function shadesOf(values: readonly number[]): { readonly from: number; readonly to: number }[] {
  const different = [...new Set(values)].toSorted((a, b) => a - b);
  const number = Math.min(shadeCount, different.length);
  return Array.from({ length: number }, (_, index) => {
    const first = Math.floor((index * different.length) / number);
    const end = Math.floor(((index + 1) * different.length) / number);
    return { from: at(different, first), to: at(different, end - 1) };
  });
}

function rangeOf(from: number, to: number): string {
  return from === to ? readableNumber(from) : `${readableNumber(from)} to ${readableNumber(to)}`;
}

function textOf({ category, series, value }: Point): string {
  return [category, series, readableNumber(value)].filter((part) => part !== undefined).join(', ');
}

function unknownNames(names: readonly string[]): string {
  const list = names.map((name) => `<bdi>${escapeHtml(name)}</bdi>`).join(', ');
  return names.length === 0
    ? ''
    : `<p class="note">Not on the map, since these are not names of one country: ${list}.</p>`;
}
