/** Runs a TypeScript program of the tests: `run_program.mjs PATH ARGUMENT…`. */
import { join } from 'node:path';
import { bundled } from './bundled.mjs';

const [path = '', ...args] = process.argv.slice(2);
const file = await bundled(path);
process.argv.splice(1, process.argv.length, join(import.meta.dirname, '../..', path), ...args);
await import(file);
