import { dataset } from '../plan/dataset.ts';
import { followerCount, nullWhen, removePrefix, startsWith } from '../plan/expression.ts';
import { knownText } from './known_text.ts';

export const pin = dataset({
  name: 'pin',
  description: 'A post: a picture or video that somebody pinned.',
  sourceTable: 'pinterest_data',
  key: 'index',
  raw: {
    index: 'bigint',
    unique_id: 'text',
    title: 'text',
    description: 'text',
    poster_name: 'text',
    follower_count: 'text',
    tag_list: 'text',
    is_image_or_video: 'text',
    image_src: 'text',
    downloaded: 'bigint',
    save_location: 'text',
    category: 'text',
  },
  clean: (raw) => ({
    ind: raw.index,
    unique_id: knownText(raw.unique_id),
    title: knownText(raw.title, 'No Title Data Available'),
    description: nullWhen(
      knownText(raw.description),
      startsWith(raw.description, 'No description available'),
    ),
    // `User Info Error` is not a count, so it becomes null without its own rule.
    follower_count: followerCount(raw.follower_count),
    poster_name: knownText(raw.poster_name, 'User Info Error'),
    tag_list: knownText(raw.tag_list, 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e'),
    is_image_or_video: knownText(raw.is_image_or_video),
    image_src: knownText(raw.image_src, 'Image src error.', 'Image src error'),
    save_location: knownText(removePrefix(raw.save_location, 'Local save in ')),
    category: knownText(raw.category),
  }),
  personal: ['unique_id', 'title', 'description', 'poster_name', 'image_src', 'save_location'],
});
