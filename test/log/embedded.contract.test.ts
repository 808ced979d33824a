import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { describeContract } from './contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'contract-'));
let log: EmbeddedLog;

beforeAll(async () => {
  // Small segments, so that reading goes over their ends.
  log = await EmbeddedLog.open(folder, { segmentBytes: 4096, maximumValueBytes: 100_000 });
});

afterAll(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

describeContract('the embedded log', {
  log: () => log,
  reopen: () => EmbeddedLog.open(folder, { readOnly: true }),
  tooLarge: 100_001,
});
