import { afterAll, beforeAll } from 'vitest';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { suiteFolder } from '../support/folder.ts';
import { describeContract } from './contract.ts';

const folder = suiteFolder('contract');
let log: EmbeddedLog;

beforeAll(async () => {
  // Small segments, so that reading goes over their ends.
  log = await EmbeddedLog.open(folder, { segmentBytes: 4096, maximumValueBytes: 100_000 });
});

afterAll(() => log.close());

describeContract('the embedded log', {
  log: () => log,
  reopen: () => EmbeddedLog.open(folder, { readOnly: true }),
  tooLarge: 100_001,
});
