import { expect, it } from 'vitest';
import { type Row, rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { geo, pin, user } from '../../../pipeline/datasets/index.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';

const clean = (dataset: Dataset, ...raw: readonly Row[]) =>
  rowsOf(runPlan(dataset.cleaning.node, { [`${dataset.name}_raw`]: tableOfRows(dataset.raw, raw) }));

it('cleans the pin of the worked example', () => {
  const raw = {
    index: 7528,
    unique_id: 'fbe53c66-3442-4773-b19e-d3ec6f54dddf',
    title: 'No Title Data Available',
    description: 'No description available Story format',
    poster_name: 'User Info Error',
    follower_count: 'User Info Error',
    tag_list: 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e',
    is_image_or_video: 'multi-video(story page format)',
    image_src: 'Image src error.',
    downloaded: 0,
    save_location: 'Local save in /data/mens-fashion',
    category: 'mens-fashion',
  };
  expect(clean(pin, raw)).toEqual([
    {
      ind: 7528,
      unique_id: 'fbe53c66-3442-4773-b19e-d3ec6f54dddf',
      title: null,
      description: null,
      follower_count: null,
      poster_name: null,
      tag_list: null,
      is_image_or_video: 'multi-video(story page format)',
      image_src: null,
      save_location: '/data/mens-fashion',
      category: 'mens-fashion',
    },
  ]);
});

it('cleans the geo of the worked example', () => {
  const raw = {
    ind: 7528,
    timestamp: '2020-08-28 03:52:47',
    latitude: -89.9787,
    longitude: -173.293,
    country: 'Albania',
  };
  expect(clean(geo, raw, raw)).toEqual([
    {
      ind: 7528,
      country: 'Albania',
      coordinates: [-89.9787, -173.293],
      timestamp: Date.parse('2020-08-28T03:52:47Z'),
    },
  ]);
});

it('cleans the user of the worked example', () => {
  const raw = {
    ind: 7528,
    first_name: 'Abigail',
    last_name: 'Ali',
    age: 20,
    date_joined: '2015-10-24 11:23:51',
  };
  expect(clean(user, raw)).toEqual([
    { ind: 7528, user_name: 'Abigail Ali', age: 20, date_joined: Date.parse('2015-10-24T11:23:51Z') },
  ]);
});
