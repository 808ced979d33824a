/** Draws the countries for maps on pages, pipeline/ui/web/map/world.svg, of Natural Earth (public domain): `npm run world`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { geoCentroid, geoEqualEarth, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { countries } from '../pipeline/ui/web/map/countries.ts';

const width = 1000;
const height = 487;
const dotRadius = 5;

/** Areas are compared by eye, so that the projection keeps them equal. */
const projection = geoEqualEarth().fitExtent(
  [
    [0, 0],
    [width, height],
  ],
  { type: 'Sphere' },
);

/** The countries of Natural Earth at a scale: 110 million to one, or 50 million with small ones. */
function atlas(scale: '110m' | '50m') {
  const file = createRequire(import.meta.url).resolve(`world-atlas/countries-${scale}.json`);
  const topology: Topology<{ countries: GeometryCollection }> = JSON.parse(readFileSync(file, 'utf8'));
  return feature(topology, topology.objects.countries).features.map((country) => {
    const name = country.properties && 'name' in country.properties ? country.properties.name : undefined;
    return { id: country.id ?? (name === 'Kosovo' ? 'kosovo' : undefined), country };
  });
}

/** Writes paths in whole units and relative to the last point, which takes half the bytes. */
class RelativePath {
  private path = '';
  private x = 0;
  private y = 0;
  private start = { x: 0, y: 0 };

  moveTo(x: number, y: number): void {
    this.x = Math.round(x);
    this.y = Math.round(y);
    this.start = { x: this.x, y: this.y };
    this.path += `M${this.x} ${this.y}l`;
  }

  lineTo(x: number, y: number): void {
    const [right, down] = [Math.round(x) - this.x, Math.round(y) - this.y];
    if (right !== 0 || down !== 0) {
      this.path += `${/\d$/.test(this.path) && right >= 0 ? ' ' : ''}${right}${down < 0 ? '' : ' '}${down}`;
      this.x += right;
      this.y += down;
    }
  }

  closePath(): void {
    this.path += 'z';
    this.x = this.start.x;
    this.y = this.start.y;
  }

  /** Islands smaller than a unit have no line. */
  take(): string {
    const path = this.path.replaceAll(/M[-\d ]+lz/g, '');
    this.path = '';
    return path;
  }

  arc(): void {
    throw new Error('Only polygons are drawn here, and they have no arcs.');
  }

  beginPath(): void {}
}

/** The drawing: `world` with all outlines, each of which has the id of its country; dots for countries too small for one. */
export function worldSvg(): string {
  const context = new RelativePath();
  const outlines = atlas('110m').map(({ id, country }) => {
    geoPath(projection, context)(country);
    return { id, path: context.take() };
  });
  const drawn = new Set(outlines.map(({ id }) => id));
  const small = new Map(atlas('50m').map(({ id, country }) => [id, geoCentroid(country)]));
  const dots = countries()
    .filter(({ id }) => !drawn.has(id))
    .map(({ id, names: [name], place }) => {
      const at = place ?? small.get(id);
      const point = at && projection([...at]);
      if (!point) {
        throw new Error(`Natural Earth has no place for ${id}, ${name}: give it one in countries.txt.`);
      }
      return `<circle id="land-${id}" cx="${Math.round(point[0])}" cy="${Math.round(point[1])}" r="${dotRadius}"/>`;
    });
  const lands = outlines.map(
    ({ id, path }) => `<path${id === undefined ? '' : ` id="land-${id}"`} d="${path}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" class="outlines" viewBox="0 0 ${width} ${height}" width="0" height="0" aria-hidden="true">
<defs>
<g id="world">
${lands.join('\n')}
</g>
${dots.join('\n')}
</defs>
</svg>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../pipeline/ui/web/map/world.svg', import.meta.url), worldSvg());
}
