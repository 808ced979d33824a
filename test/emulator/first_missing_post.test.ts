import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { firstMissingPost } from '../../emulator/first_missing_post.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { testFolder } from '../support/folder.ts';

const folder = testFolder('missing-post');
let log: EmbeddedLog;
beforeEach(async () => {
  log = await EmbeddedLog.open(folder);
});
afterEach(() => log.close());

let made = 0;
/** Makes a topic and a stream, and puts these posts into each, by key. */
async function placesOf(...held: readonly (readonly unknown[])[]) {
  made += 1;
  const places = held.map((_, place) => ({ name: `place-${made}-${place}`, key: 'ind' }));
  for (const [place, posts] of held.entries()) {
    const name = places[place]?.name ?? '';
    await log.createTopic(name, 3);
    if (posts.length > 0) {
      await log.append(
        name,
        posts.map((ind) => ({ value: Buffer.from(JSON.stringify({ ind })), key: String(ind) })),
      );
    }
  }
  return places;
}

const upTo = (count: number) => Array.from({ length: count }, (_, post) => post);

it('is the first post of all in an empty log', async () => {
  expect(await firstMissingPost(log, await placesOf([], []), 10)).toBe(0);
});

it('is the one after the last when every place holds all', async () => {
  expect(await firstMissingPost(log, await placesOf(upTo(25), upTo(25)), 10)).toBe(25);
});

it('is the first gap of any place, whatever came after it', async () => {
  expect(await firstMissingPost(log, await placesOf(upTo(25), upTo(20)), 10)).toBe(20);
  expect(await firstMissingPost(log, await placesOf(upTo(25), [...upTo(17), 19, 24]), 10)).toBe(17);
});

it('does not count what was sent again after an earlier kill', async () => {
  const twice = [...upTo(20), ...upTo(20).slice(10), 20, 21];
  expect(await firstMissingPost(log, await placesOf(twice, upTo(24)), 10)).toBe(22);
});

it('skips records that others have sent and are not posts', async () => {
  expect(await firstMissingPost(log, await placesOf([...upTo(5), 'six', null, -1, 7.5]), 10)).toBe(5);
  const [place = { name: '', key: '' }] = await placesOf(upTo(5));
  await log.append(place.name, [{ value: Buffer.from('{"ind":') }, { value: Buffer.from('null') }]);
  expect(await firstMissingPost(log, [place], 10)).toBe(5);
});

it('comes to every post in every place, however often the sender is killed', async () => {
  const kill = fc.record({
    batches: fc.nat(3),
    lost: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(kill, { maxLength: 6 }), async (kills) => {
      const together = 5;
      const places = await placesOf([], [], []);
      const held = places.map(() => new Set<number>());
      for (const { batches, lost } of kills) {
        let next = await firstMissingPost(log, places, together);
        expect(held.every((posts) => upTo(next).every((post) => posts.has(post)))).toBe(true);
        for (let batch = 0; batch <= batches; batch += 1) {
          const posts = Array.from({ length: together }, (_, i) => next + i);
          for (const [place, { name }] of places.entries()) {
            // The kill interrupted a batch, so some of its records exist and some do not.
            const taken = posts.filter((_, i) => batch < batches || lost[place * together + i] !== true);
            for (const post of taken) {
              held[place]?.add(post);
            }
            if (taken.length > 0) {
              await log.append(
                name,
                taken.map((ind) => ({ value: Buffer.from(JSON.stringify({ ind })), key: String(ind) })),
              );
            }
          }
          next += together;
        }
      }
    }),
    { numRuns: 25 },
  );
});
