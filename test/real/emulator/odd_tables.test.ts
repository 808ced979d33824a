import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Post } from '../../../emulator/event.ts';
import { generateEvents } from '../../../emulator/generator.ts';
import { mysqlAddress } from '../../../emulator/mysql/address.ts';
import { Database } from '../../../emulator/mysql/database.ts';
import { seedDatabase } from '../../../emulator/seed.ts';
import { orderedMysqlSource, randomMysqlSource } from '../../../emulator/sources/mysql.ts';
import type { PostSource } from '../../../emulator/sources/source.ts';
import { geo, pin } from '../../../pipeline/datasets/index.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import { describeReal, mariadb } from '../systems.ts';

const { signal } = new AbortController();

describeReal('tables that others have made', [mariadb], () => {
  let server: Awaited<ReturnType<typeof mariadb.start>>;
  let database: Database;
  beforeAll(async () => {
    // A server of a region of its own: whoever leaves the session as it is reads its local times.
    server = await mariadb.start(['--default-time-zone=-05:00']);
    database = await open();
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  const open = () => Database.open(mysqlAddress(server.url, { environment: {}, secret: async () => '' }));

  /** A geo table of its own for one test, as the statements make it. */
  async function table(name: string, ...statements: readonly string[]): Promise<Dataset> {
    for (const statement of statements) {
      await database.query(statement.replaceAll('TABLE_NAME', name));
    }
    return { ...geo, sourceTable: name };
  }

  const columns = 'latitude DOUBLE, longitude DOUBLE, country TEXT';

  async function walk(...datasets: readonly Dataset[]): Promise<Post[]> {
    const source = orderedMysqlSource({ database: await open(), datasets });
    const posts: Post[] = [];
    for (let post = await source.next(signal); post !== null; post = await source.next(signal)) {
      posts.push(post);
    }
    await source.close();
    return posts;
  }

  /** Both sources over a dataset's table. */
  async function sources(dataset: Dataset): Promise<readonly PostSource[]> {
    return [
      orderedMysqlSource({ database: await open(), datasets: [dataset] }),
      randomMysqlSource({ database: await open(), datasets: [dataset] }),
    ];
  }

  async function expectRefused(dataset: Dataset, message: RegExp): Promise<void> {
    for (const source of await sources(dataset)) {
      await expect(source.next(signal)).rejects.toThrow(message);
      await source.close();
    }
  }

  it('reads a TIMESTAMP in UTC, whatever the time zone of the server', async () => {
    const moments = await table(
      'moments',
      `CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp TIMESTAMP NULL, ${columns})`,
      "SET STATEMENT time_zone = '+00:00' FOR INSERT INTO TABLE_NAME (ind, timestamp) VALUES (1, '2020-08-28 03:52:47')",
    );
    expect(await walk(moments)).toMatchObject([{ geo: { ind: 1, timestamp: '2020-08-28 03:52:47' } }]);
  });

  it('cuts fractions of seconds, and takes a date as its midnight', async () => {
    const precise = await table(
      'precise',
      `CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp DATETIME(6), ${columns})`,
      "INSERT INTO TABLE_NAME (ind, timestamp) VALUES (1, '2020-08-28 03:52:47.999999'), (2, NULL)",
    );
    const dates = await table(
      'dates',
      `CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp DATE, ${columns})`,
      "INSERT INTO TABLE_NAME (ind, timestamp) VALUES (1, '2020-08-28'), (2, NULL)",
    );
    expect((await walk(precise)).map((post) => post.geo?.timestamp)).toEqual(['2020-08-28 03:52:47', null]);
    expect((await walk(dates)).map((post) => post.geo?.timestamp)).toEqual(['2020-08-28 00:00:00', null]);
  });

  it('leaves text that looks like a date as it is', async () => {
    const text = await table(
      'dates_as_text',
      `CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp TEXT, ${columns})`,
      "INSERT INTO TABLE_NAME (ind, timestamp, country) VALUES (1, '2020-08-28', '2020-08-28 03:52:47.999999')",
    );
    expect(await walk(text)).toMatchObject([
      { geo: { timestamp: '2020-08-28', country: '2020-08-28 03:52:47.999999' } },
    ]);
  });

  it('reads JSON as its text, bits as their number, and bytes that are text as text', async () => {
    const kinds = await table(
      'kinds',
      'CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp JSON, latitude BIT(12), longitude DOUBLE, country BLOB)',
      `INSERT INTO TABLE_NAME VALUES (1, '{"at": [1, null]}', b'100000000101', NULL, 'Côte d’Ivoire 📌')`,
    );
    expect(await walk(kinds)).toMatchObject([
      { geo: { timestamp: '{"at": [1, null]}', latitude: 2053, country: 'Côte d’Ivoire 📌' } },
    ]);
  });

  it('refuses bytes that are not text, and shapes', async () => {
    const bytes = await table(
      'bytes_in_it',
      'CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp DATETIME, latitude DOUBLE, longitude DOUBLE, country BLOB)',
      "INSERT INTO TABLE_NAME (ind, country) VALUES (7, x'ff00')",
    );
    await expectRefused(bytes, /country.*bytes_in_it.*ind = 7.*HEX/s);
    const points = await table(
      'points',
      'CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp DATETIME, latitude DOUBLE, longitude DOUBLE, country POINT)',
      'INSERT INTO TABLE_NAME (ind, country) VALUES (7, ST_GeomFromText("POINT(1 2)"))',
    );
    await expectRefused(points, /country.*points.*ind = 7/s);
  });

  it('names the columns that a table lacks and a missing table, and ends', async () => {
    const short = await table('short', 'CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, Country TEXT)');
    await expectRefused(short, /short.*timestamp, latitude, longitude/s);
    await expectRefused({ ...geo, sourceTable: 'not_there' }, /pinterest.*not_there.*npm run seed/s);
  });

  it('asks nothing once it is closed, also for what was under way', async () => {
    const closed = await open();
    const asking = [closed.query('SELECT SLEEP(0.2)'), closed.query('SELECT 1')];
    await closed.close();
    await Promise.allSettled(asking);
    await expect(closed.query('SELECT 1')).rejects.toThrow(/closed/);
  });

  it('seeds and reads the same rows, whatever the modes of the server', async () => {
    const modes = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH';
    await database.query(`SET GLOBAL sql_mode = '${modes}'`);
    try {
      const elsewhere = await open();
      const seeded = { ...pin, sourceTable: 'seeded' };
      await seedDatabase({ database: elsewhere, datasets: [seeded], posts: 50, seed: 1 });
      await elsewhere.close();
      const generated = Array.from({ length: 50 }, (_, post) => generateEvents([seeded], post, 1));
      expect(await walk(seeded)).toEqual(generated);
    } finally {
      await database.query('SET GLOBAL sql_mode = DEFAULT');
    }
  });

  it('refuses keys that a JavaScript number cannot hold exactly', async () => {
    const large = await table(
      'large_keys',
      `CREATE TABLE TABLE_NAME (ind BIGINT PRIMARY KEY, timestamp DATETIME, ${columns})`,
      'INSERT INTO TABLE_NAME (ind) VALUES (1), (9007199254740993)',
    );
    await expectRefused(large, /large_keys.*9007199254740993.*9007199254740991/s);
  });

  it('refuses keys that are not whole numbers', async () => {
    const text = await table(
      'text_keys',
      `CREATE TABLE TABLE_NAME (ind VARCHAR(20) PRIMARY KEY, timestamp DATETIME, ${columns})`,
      "INSERT INTO TABLE_NAME (ind) VALUES ('1'), ('10'), ('9')",
    );
    await expectRefused(text, /ind.*text_keys.*varchar.*BIGINT/s);
    const decimal = await table(
      'decimal_keys',
      `CREATE TABLE TABLE_NAME (ind DECIMAL(10, 2) PRIMARY KEY, timestamp DATETIME, ${columns})`,
      'INSERT INTO TABLE_NAME (ind) VALUES (1.5)',
    );
    await expectRefused(decimal, /decimal_keys.*decimal/s);
  });

  it('refuses a table with rows that have no key', async () => {
    const nulls = await table(
      'null_keys',
      `CREATE TABLE TABLE_NAME (ind BIGINT, timestamp DATETIME, ${columns})`,
      'INSERT INTO TABLE_NAME (ind) VALUES (1), (NULL)',
    );
    await expectRefused(nulls, /null_keys.*NULL/s);
  });

  it('walks a table whose rows share keys, and loses none at the edge of a page', async () => {
    const shared = await table(
      'shared_keys',
      `CREATE TABLE TABLE_NAME (ind BIGINT, timestamp DATETIME, ${columns})`,
    );
    const rows = Array.from({ length: 1100 }, (_, row) => `(${Math.floor(row / 3)}, 'c${row}')`);
    await database.query(`INSERT INTO shared_keys (ind, country) VALUES ${rows.join(', ')}`);
    const countries = (await walk(shared)).map((post) => String(post.geo?.country));
    expect([...countries].sort()).toEqual(rows.map((_, row) => `c${row}`).sort());
  });

  it('refuses to walk posts of which another table holds several rows', async () => {
    const first = { ...pin, sourceTable: 'one_pin' };
    await database.query(
      'CREATE TABLE one_pin (`index` BIGINT PRIMARY KEY, unique_id TEXT, title TEXT, description TEXT, poster_name TEXT, follower_count TEXT, tag_list TEXT, is_image_or_video TEXT, image_src TEXT, downloaded BIGINT, save_location TEXT, category TEXT)',
    );
    await database.query('INSERT INTO one_pin (`index`) VALUES (7)');
    const twice = await table(
      'two_geos',
      `CREATE TABLE TABLE_NAME (ind BIGINT, timestamp DATETIME, ${columns})`,
      "INSERT INTO TABLE_NAME (ind, country) VALUES (7, 'Peru'), (7, 'Chad')",
    );
    await expect(walk(first, twice)).rejects.toThrow(/two_geos.*several rows.*7/s);
  });
});

describe('a password in the URL of a database', () => {
  it('may not hold a bare percent sign, and the message says how to hand it in', () => {
    const surroundings = { environment: {}, secret: async () => '' };
    expect(() => mysqlAddress('mysql://root:50%off@localhost/pins', surroundings)).toThrow(
      /%25.*MYSQL_PASSWORD/s,
    );
    expect(() => mysqlAddress('mysql://localhost/pins%', surroundings)).toThrow(/%25/);
  });

  it('is taken as it is from the environment', async () => {
    const { login } = mysqlAddress('mysql://localhost/pins', {
      environment: { MYSQL_USER: 'root', MYSQL_PASSWORD: '50%off' },
      secret: async () => '',
    });
    expect(await login()).toEqual({ user: 'root', password: '50%off' });
  });
});
