import { createServer, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { maintainTable, tablesBelow } from '../../../pipeline/delta/maintain/maintain.ts';
import {
  DeltaTable,
  overwriteDeltaFiles,
  overwriteDeltaTable,
  readDeltaTable,
  writeDataFile,
} from '../../../pipeline/delta/table.ts';
import { openObjectStore } from '../../../pipeline/storage/open.ts';
import { everyType } from '../../delta/delta_tables.ts';
import { suiteBucket } from '../../support/bucket.ts';
import { aws, deltalake, describeReal } from '../systems.ts';

const schema = { writer: 'text', number: 'bigint' } as const;

function row(writer: string, number: number) {
  return tableOfRows(schema, [{ writer, number }]);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

describeReal('a Delta table on S3', [aws, deltalake], () => {
  const bucket = 'lake';
  const server = suiteBucket(bucket);
  let reader: ReturnType<typeof deltalake.start>;

  beforeAll(() => {
    reader = deltalake.start();
  });

  afterAll(() => reader?.stop());

  async function readByDeltalake(at: string, version?: number) {
    const options = version === undefined ? {} : { version };
    return reader.read({ at, storageOptions: server().environment, ...options });
  }

  it('is created, appended to, overwritten and read, by deltalake too', async () => {
    const path = `s3://${bucket}/some/lake/silver/pin`;
    expect(await DeltaTable.openIfExists(path)).toBeUndefined();
    const rows = [
      { key: 1, small: -2, share: 0.25, name: 'ﬀ 🂡', known: true, at: 0, place: [1, -0.5] },
      { key: null, small: null, share: null, name: null, known: null, at: null, place: null },
    ];
    const table = await DeltaTable.openOrCreate(path, everyType);
    await table.append([tableOfRows(everyType, rows)], { txn: { appId: 'a', version: 1 } });
    await table.append([tableOfRows(everyType, rows)], { txn: { appId: 'a', version: 1 } });
    expect(rowsOf(await readDeltaTable(path))).toEqual(rows);
    const file = await writeDataFile(path, tableOfRows(everyType, rows.slice(1)));
    await overwriteDeltaFiles(path, everyType, [file], { readVersion: 1 });
    expect(rowsOf(await table.read())).toEqual(rows.slice(1));
    expect(rowsOf(await table.read({ version: 1 }))).toEqual(rows);
    const seen = await readByDeltalake(path);
    expect(seen).toMatchObject({ version: 2, rows: [{ key: null, place: null }] });
    expect((await readByDeltalake(path, 1)).rows).toHaveLength(2);
  });

  it('takes the commits of two writers, each once, through checkpoints', async () => {
    const path = `s3://${bucket}/two`;
    await DeltaTable.create(path, schema);
    await Promise.all(
      ['a', 'b'].map(async (writer) => {
        const table = await DeltaTable.open(path);
        for (const number of upTo(12)) {
          await table.append([row(writer, number)], { txn: { appId: writer, version: number } });
        }
      }),
    );
    const table = await DeltaTable.open(path);
    expect(table.version).toBe(24);
    for (const writer of ['a', 'b']) {
      const written = rowsOf(await table.read()).filter((found) => found.writer === writer);
      expect(written.map(({ number }) => number)).toEqual(upTo(12));
    }
    expect((await readByDeltalake(path)).rows).toHaveLength(24);
    const results = await Promise.allSettled(
      [1, 2].map(async (number) => overwriteDeltaTable(path, row('c', number), { readVersion: 24 })),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('knows its own put when the answer was lost, and another’s', async () => {
    const storage = await openObjectStore(`s3://${bucket}/puts`);
    const text = (value: string) => new TextEncoder().encode(value);
    expect(await storage.putIfAbsent('entry', text('mine'))).toBe(true);
    expect(await storage.putIfAbsent('entry', text('mine'))).toBe(true);
    expect(await storage.putIfAbsent('entry', text('other'))).toBe(false);
    expect(new TextDecoder().decode(await storage.read('entry'))).toBe('mine');
    expect(await storage.read('none')).toBeUndefined();
  });

  it('is committed to once when the answer to a put is lost', async () => {
    const path = `s3://${bucket}/lost`;
    const table = await DeltaTable.create(path, schema);
    let lost = 0;
    const proxy = createServer((asked, answered) => {
      const { method = 'GET', headers, url = '/' } = asked;
      const forwarded = request(`${server().endpoint}${url}`, { method, headers }, (answer) => {
        if (headers['if-none-match'] === '*' && lost === 0) {
          lost += 1;
          answer.resume().on('end', () => asked.socket.destroy());
        } else {
          answered.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(answered);
        }
      });
      asked.pipe(forwarded);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    try {
      const behind = await DeltaTable.open(path);
      expect(await behind.append([row('a', 1)])).toEqual({ version: 1, skipped: false });
      expect(lost).toBe(1);
    } finally {
      process.env.AWS_ENDPOINT_URL = server().endpoint;
      proxy.closeAllConnections();
      proxy.close();
    }
    expect(await table.refresh()).toBe(1);
    expect(rowsOf(await table.read())).toEqual([{ writer: 'a', number: 1 }]);
  });

  it('is found below its lake, compacted and cleared', async () => {
    const lake = `s3://${bucket}/maintained`;
    const path = `${lake}/stream/silver/pin`;
    const table = await DeltaTable.create(path, schema);
    for (const number of upTo(5)) {
      await table.append([row('a', number)]);
    }
    expect(await tablesBelow(lake)).toEqual([path]);
    const clock = () => Date.now() + 8 * 24 * 3600 * 1000;
    expect(await maintainTable(path, { isDryRun: false })).toMatchObject({ removedFiles: 5, addedFiles: 1 });
    expect(await maintainTable(path, { isDryRun: false, clock })).toMatchObject({ unneededFiles: 5 });
    expect((await readByDeltalake(path)).rows).toHaveLength(5);
    await table.append([row('a', 6)]);
    expect(rowsOf(await readDeltaTable(path)).map(({ number }) => number)).toEqual(upTo(6));
  });

  it('says what to check when the bucket does not exist, or the URL is not an S3 URL', async () => {
    await expect(DeltaTable.open('s3://not-there/x')).rejects.toThrow(/not-there.*s3:ListBucket/s);
    await expect(DeltaTable.open('s3:/x')).rejects.toThrow(
      /Not an S3 URL: "s3:\/x"\. Expected s3:\/\/bucket\/prefix/,
    );
    await expect(DeltaTable.open(`s3://${bucket}/none`)).rejects.toThrow(/is not a Delta table/);
  });
});
