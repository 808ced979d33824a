/** The entry of a command's threads: `new Worker(thisFile, { argv: [bundle] })`. */
import { runBundle } from './cached_code.mjs';

const [bundle = ''] = process.argv.slice(2);
runBundle(bundle, 'thread');
