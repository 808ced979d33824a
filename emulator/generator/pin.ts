import type { RawEvent } from '../event.ts';
import { purpose } from './purpose.ts';
import { pickFrom, type Random, WeightedChoice } from './random.ts';
import { categories, endings, openings, posterNouns, posterWords, sentences, tags } from './vocabulary.ts';

const category = new WeightedChoice(categories);

const kinds = new WeightedChoice([
  ['image', 70],
  ['video', 20],
  ['multi-video(story page format)', 10],
]);

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A new poster for about every fifth post; the early ones post most. */
const postsPerPoster = 5;

/** The post itself. About one in ten could not be scraped whole, and has placeholders where the rest would be. */
export function pinEvent(random: Random, seed: number, index: number): RawEvent {
  random.start(seed, purpose.pin, index);
  const about = category.pick(random);
  const scraped = !random.oneIn(12);
  const kind = kinds.pick(random);
  const isStory = kind.startsWith('multi');
  const image = hexBytesOf(random, 16);
  const uniqueId = uuid(random);
  const title = scraped && !random.oneIn(15) ? titleOf(random, about.subjects) : 'No Title Data Available';
  const description = descriptionOf(random, scraped, isStory);
  const tagList = scraped && !random.oneIn(20) ? tagListOf(random, about.subjects) : noTags;
  const downloaded = random.oneIn(3) ? 0 : 1;
  const source = scraped ? imageUrl(image) : pickFrom(noImages, random.next() >>> 8);
  const saved = random.oneIn(250) ? 'Local save in ' : `Local save in /data/${about.name}`;
  const knownPoster = scraped && !random.oneIn(30);
  const shown = random.skewedBelow(Math.floor(index / postsPerPoster) + 20);
  random.start(seed, purpose.poster, shown);
  return {
    index,
    unique_id: uniqueId,
    title,
    description,
    poster_name: knownPoster ? posterName(random, shown) : 'User Info Error',
    follower_count: knownPoster ? followerCount(random) : 'User Info Error',
    tag_list: tagList,
    is_image_or_video: kind,
    image_src: source,
    downloaded,
    save_location: saved,
    category: about.name,
  };
}

const noTags = 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e';
const noImages = ['Image src error.', 'Image src error.', 'Image src error'] as const;
const noDescriptions = [
  'No description available',
  'No description available Story format',
  'No description available Story format',
] as const;

function titleOf(random: Random, subjects: readonly string[]): string {
  const subject = pickFrom(subjects, random.next() >>> 8);
  return `${pickFrom(openings, random.next() >>> 8)} ${subject} ${pickFrom(endings, random.next() >>> 8)}`;
}

function descriptionOf(random: Random, scraped: boolean, isStory: boolean): string {
  if (!scraped || (isStory && random.oneIn(2))) {
    return pickFrom(noDescriptions, random.next() >>> 8);
  }
  if (random.oneIn(200)) {
    return ' \n';
  }
  const first = pickFrom(sentences, random.next() >>> 8);
  return random.oneIn(3) ? first : `${first} ${pickFrom(sentences, random.next() >>> 8)}`;
}

function tagListOf(random: Random, subjects: readonly string[]): string {
  let list = `${pickFrom(subjects, random.next() >>> 8)} Ideas`;
  for (let remaining = 1 + random.below(6); remaining > 0; remaining -= 1) {
    list += `,${pickFrom(subjects, random.next() >>> 8)} ${pickFrom(tags, random.next() >>> 8)}`;
  }
  return list;
}

function posterName(random: Random, number: number): string {
  return `${pickFrom(posterWords, random.next() >>> 8)} ${pickFrom(posterNouns, random.next() >>> 8)} ${number}`;
}

/** As the site shows it: `0` to `999`, then thousands and millions, some with a decimal. */
function followerCount(random: Random): string {
  const scale = random.below(100);
  if (scale < 22) {
    return String(random.skewedBelow(1000));
  }
  const number = random.skewedBelow(scale < 90 ? 999 : 40) + 1;
  const unit = scale < 90 ? 'k' : 'M';
  return number < 100 && random.oneIn(3) ? `${number}.${random.below(10)}${unit}` : `${number}${unit}`;
}

function imageUrl(hex: string): string {
  return `https://i.pinimg.com/originals/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex.slice(4, 6)}/${hex}.jpg`;
}

/** A version 4 UUID (RFC 9562, section 5.4). */
function uuid(random: Random): string {
  const version = hexBytes[0x40 | (random.next() >>> 28)];
  const variant = hexBytes[0x80 | (random.next() >>> 26)];
  const [a, b, c, d] = [4, 2, 1, 1].map((length) => hexBytesOf(random, length));
  return `${a}-${b}-${version}${c}-${variant}${d}-${hexBytesOf(random, 6)}`;
}

function hexBytesOf(random: Random, length: number): string {
  let hex = '';
  let bits = 0;
  for (let byte = 0; byte < length; byte += 1) {
    bits = byte % 4 === 0 ? random.next() : bits >>> 8;
    hex += hexBytes[bits & 255];
  }
  return hex;
}
