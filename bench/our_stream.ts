/**
 * Our stream, in a process of its own: all records of an embedded log to committed silver and answers.
 *
 *     tsx bench/our_stream.ts LOG LAKE RESULT
 *
 * Writes to RESULT the same as the peers' scripts: seconds from the stream's start to the last answer, and the answers.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { rowsOf } from '../pipeline/columns/table.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { EmbeddedLog } from '../pipeline/log/embedded.ts';
import { startStream } from '../pipeline/stream/run.ts';
import { queries } from '../queries/index.ts';

// Sets the V8 flags with which commands run.
await import(new URL('../scripts/cached_code.mjs', import.meta.url).href);
const [folder = '', lake = '', result = ''] = process.argv.slice(2);
const log = await EmbeddedLog.open(folder, { readOnly: true });
const start = performance.now();
const stream = startStream({ log, datasets, queries, lake, checkpoints: join(lake, 'checkpoints') });
await stream.drain();
const answers = Object.fromEntries(queries.map((query) => [query.name, rowsOf(stream.answer(query))]));
const seconds = (performance.now() - start) / 1000;
await stream.stop();
await log.close();
await writeFile(result, JSON.stringify({ stages: { stream: seconds }, seconds, answers }));
