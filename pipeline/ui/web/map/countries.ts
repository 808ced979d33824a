/** The table of countries and territories, countries.txt, by every name that data may know them by. */
import { pageFile } from '../assets.ts';

/** A country or territory that maps can show. */
export interface Country {
  /** Its ISO 3166-1 number, by which the outlines are called too. */
  readonly id: string;
  readonly names: readonly string[];
  /** Longitude and latitude in degrees, of a territory for which Natural Earth has no outline. */
  readonly place?: readonly [longitude: number, latitude: number];
}

/** All countries and territories of the table. */
export function countries(): readonly Country[] {
  return pageFile('map/countries.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, id = '', place, names = ''] = /^(\w+)(?: \(([-\d. ]+)\))?: (.+)$/.exec(line) ?? [];
      const [longitude, latitude] = place?.split(' ').map(Number) ?? [];
      return {
        id,
        names: names.split(' | '),
        ...(longitude !== undefined && latitude !== undefined && { place: [longitude, latitude] as const }),
      };
    });
}

let idsByName: ReadonlyMap<string, string> | undefined;

/** The id of the country with a name, in whatever case and with whatever accents; undefined for other names. */
export function countryId(name: string): string | undefined {
  idsByName ??= new Map(countries().flatMap(({ id, names }) => names.map((each) => [plain(each), id])));
  return idsByName.get(plain(name));
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^st /, 'saint ')
    .replace(/^the /, '');
}
