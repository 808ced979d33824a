/** What a thread of a command runs first: `new Worker(thisFile, { argv: [bundle] })`. */
import { runBundle } from './cached_code.mjs';

const [bundle = ''] = process.argv.slice(2);
runBundle(bundle, 'thread');
