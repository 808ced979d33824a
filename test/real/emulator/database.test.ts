import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEmulation } from '../../../emulator/emulate.ts';
import type { Post } from '../../../emulator/event.ts';
import { generatePost } from '../../../emulator/generator.ts';
import { mysqlAddress } from '../../../emulator/mysql/address.ts';
import { Database } from '../../../emulator/mysql/database.ts';
import { seedDatabase } from '../../../emulator/seed.ts';
import { knownFields } from '../../../emulator/senders/api.ts';
import { apiSendToKafka } from '../../../emulator/senders/kafka.ts';
import { orderedMysqlSource, randomMysqlSource } from '../../../emulator/sources/mysql.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { allTaken, producedEvents, startEndpoint } from '../../emulator/endpoint.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { runCommand, startCommand } from '../../support/process.ts';
import { describeReal, mariadb } from '../systems.ts';

type Server = Awaited<ReturnType<typeof mariadb.start>>;

const { signal } = new AbortController();
const seed = 4;
const seeded = 100_000;

describeReal('the source database', [mariadb], () => {
  let server: Server;
  let environment: Record<string, string>;
  let url: string;
  beforeAll(async () => {
    // So that nothing but TLS with a checked certificate can work.
    server = await mariadb.start(['--require-secure-transport=ON']);
    environment = {
      MYSQL_USER: server.user,
      MYSQL_PASSWORD: server.password,
      MYSQL_CA_FILE: server.certificateAuthorityFile,
    };
    url = `mysql://127.0.0.1:${server.port}/${server.database}`;
  });
  afterAll(() => server?.stop());

  const open = (onAway?: (reason: string | null) => void) =>
    Database.open(address(environment), onAway ? { onAway } : {});
  const address = (given: Record<string, string>, at = url, secret = '') =>
    mysqlAddress(at, { environment: given, secret: async () => secret });

  async function count(database: Database, table: string): Promise<number> {
    const [row] = await database.query(`SELECT COUNT(*) AS rows_there FROM ${table}`);
    return Number(row?.rows_there);
  }

  it('is seeded with 100,000 posts, again and again without doubling, in columns of the right types', async () => {
    const database = await open();
    const options = { database, datasets, seed };
    await seedDatabase({ ...options, posts: seeded });
    await seedDatabase({ ...options, posts: 2500 });
    for (const table of ['pinterest_data', 'geolocation_data', 'user_data']) {
      expect(await count(database, table)).toBe(seeded);
    }
    const columns = await database.query(
      'SELECT column_name AS name, data_type AS type, column_key AS part_of_key FROM information_schema.columns ' +
        "WHERE table_schema = DATABASE() AND table_name = 'geolocation_data' ORDER BY ordinal_position",
    );
    expect(columns).toEqual([
      { name: 'ind', type: 'bigint', part_of_key: 'PRI' },
      { name: 'timestamp', type: 'datetime', part_of_key: '' },
      { name: 'latitude', type: 'double', part_of_key: '' },
      { name: 'longitude', type: 'double', part_of_key: '' },
      { name: 'country', type: 'text', part_of_key: '' },
    ]);
    await database.close();
  });

  it('is seeded wholly, without doubling, after a seed that was killed in the middle', async () => {
    const database = await open();
    await database.query('DROP DATABASE IF EXISTS cut_off');
    await database.query('CREATE DATABASE cut_off');
    const cutOff = url.replace(/[^/]*$/, 'cut_off');
    const posts = 20_000;
    const seeding = startCommand(['seed', '--to', cutOff, '--posts', String(posts), '--seed', String(seed)], {
      env: { PATH: process.env.PATH, ...environment },
    });
    // The first tenth is told.
    await seeding.until(() => seeding.said.errors !== '');
    seeding.kill();
    await seeding.ended;
    const again = await Database.open(address(environment, cutOff));
    const before = await count(again, 'user_data');
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(posts);
    await seedDatabase({ database: again, datasets, posts, seed });
    const source = orderedMysqlSource({ database: again, datasets });
    for (let index = 0; index < posts; index += 1) {
      const post = await source.next(signal);
      if (index % 997 === 0) {
        expect(post).toEqual(generatePost(index, seed));
      }
    }
    expect(await source.next(signal)).toBeNull();
    await source.close();
    await database.close();
  });

  it('gives random rows, the same index in all three tables, as they were seeded', async () => {
    const source = randomMysqlSource({ database: await open(), datasets });
    const picked = await Promise.all(Array.from({ length: 300 }, () => source.next(signal)));
    const keys = picked.map((post) => Number(post?.pin?.index));
    for (const [place, post] of picked.entries()) {
      expect(post).toEqual(generatePost(keys[place] ?? -1, seed));
    }
    expect(new Set(keys).size).toBeGreaterThan(290);
    expect(keys.filter((key) => key < seeded / 2).length).toBeGreaterThan(90);
    await source.close();
  });

  it('picks every row as likely as any other, across gaps', async () => {
    const database = await open();
    await database.query(
      'CREATE TABLE gaps (ind BIGINT PRIMARY KEY, timestamp DATETIME, latitude DOUBLE, longitude DOUBLE, country TEXT)',
    );
    await database.query('INSERT INTO gaps (ind) VALUES (1), (2), (3), (20)');
    const [, geo] = datasets;
    if (geo === undefined) {
      throw new Error('no dataset');
    }
    const source = randomMysqlSource({ database, datasets: [{ ...geo, sourceTable: 'gaps' }] });
    const times = new Map<unknown, number>();
    for (let pick = 0; pick < 1000; pick += 1) {
      const post = await source.next(signal);
      times.set(post?.geo?.ind, (times.get(post?.geo?.ind) ?? 0) + 1);
    }
    // The next row behind a random key alone would give 20 seventeen times of twenty.
    for (const ind of [1, 2, 3, 20]) {
      expect(times.get(ind), String(ind)).toBeGreaterThan(150);
    }
    await source.close();
  });

  it('is walked in order, each row once', async () => {
    const database = await open();
    const few = new Set([0, 499, 500, 501, 1499, 1500]);
    const source = orderedMysqlSource({ database, datasets });
    for (let index = 0; index < 1600; index += 1) {
      const post: Post | null = await source.next(signal);
      expect(post?.pin?.index).toBe(index);
      if (few.has(index)) {
        expect(post).toEqual(generatePost(index, seed));
      }
    }
    await source.close();
  });

  it('ends a walk after the last row, and explains why it cannot pick from an empty table', async () => {
    const database = await open();
    await database.query('CREATE TABLE three LIKE geolocation_data');
    const [, geo] = datasets;
    if (geo === undefined) {
      throw new Error('no dataset');
    }
    const one = [{ ...geo, sourceTable: 'three' }];
    await expect(randomMysqlSource({ database, datasets: one }).next(signal)).rejects.toThrow(
      'three is empty',
    );
    await database.query('INSERT INTO three (ind) VALUES (5), (-7), (9)');
    const source = orderedMysqlSource({ database, datasets: one });
    const walked = await Promise.all([1, 2, 3, 4, 5].map(() => source.next(signal)));
    expect(walked.map((post) => post?.geo?.ind)).toEqual([-7, 5, 9, undefined, undefined]);
    await source.close();
  });

  it('refuses to fill a table that could hold a post twice', async () => {
    const database = await open();
    await database.query(
      'CREATE TABLE no_key (ind BIGINT, timestamp DATETIME, latitude DOUBLE, longitude DOUBLE, country TEXT)',
    );
    const [, geo] = datasets;
    if (geo === undefined) {
      throw new Error('no dataset');
    }
    const seeding = seedDatabase({ database, datasets: [{ ...geo, sourceTable: 'no_key' }], posts: 1, seed });
    await expect(seeding).rejects.toThrow('is not a unique key');
    await database.close();
  });

  it('is trusted only by its certificate', async () => {
    const { MYSQL_USER, MYSQL_PASSWORD } = environment;
    const login = { MYSQL_USER: MYSQL_USER ?? '', MYSQL_PASSWORD: MYSQL_PASSWORD ?? '' };
    // Not on this machine by its name, so TLS is on; and Node knows no such authority.
    const stranger = `mysql://elsewhere.example:1/${server.database}?through=127.0.0.1:${server.port}`;
    await expect(Database.open(address(login, stranger))).rejects.toMatchObject({
      cause: expect.objectContaining({
        message: expect.stringMatching(/self.signed|unable to verify|certificate/i),
      }),
    });
    // A known authority, but the certificate is for another name.
    await expect(Database.open(address(environment, stranger))).rejects.toMatchObject({
      cause: expect.objectContaining({ message: expect.stringContaining('elsewhere.example') }),
    });
    // By the certificate's name, through a tunnel.
    const named = `mysql://localhost:1/${server.database}?through=127.0.0.1:${server.port}`;
    await (await Database.open(address(environment, named))).close();
  });

  it('is opened with a secret of Secrets Manager, asked for again when the password was changed', async () => {
    const database = await open();
    await database.query("CREATE OR REPLACE USER 'rotated'@'127.0.0.1' IDENTIFIED BY 'first'");
    await database.query("GRANT ALL ON *.* TO 'rotated'@'127.0.0.1'");
    let password = 'first';
    const given = { MYSQL_SECRET: 'rds/emulator', MYSQL_CA_FILE: environment.MYSQL_CA_FILE ?? '' };
    const rotating = await Database.open(
      mysqlAddress(url, {
        environment: given,
        secret: async () => JSON.stringify({ username: 'rotated', password }),
      }),
      { connections: 1 },
    );
    await database.query("ALTER USER 'rotated'@'127.0.0.1' IDENTIFIED BY 'second'");
    const [row] = await rotating.query('SELECT CONNECTION_ID() AS id');
    await database.query(`KILL CONNECTION ${Number(row?.id)}`);
    password = 'second';
    expect(await rotating.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await rotating.close();
    await database.close();
  });

  it('may be killed in the middle: the emulator waits and continues, and no post is lost', async () => {
    const arrived = new Set<unknown>();
    const endpoint = await startEndpoint((request, response) => {
      for (const event of producedEvents(request)) {
        arrived.add(`${request.path}/${event.index ?? event.ind}`);
      }
      response.end(allTaken(request));
    });
    const away: (string | null)[] = [];
    const source = orderedMysqlSource({ database: await open((reason) => away.push(reason)), datasets });
    const emulation = startEmulation({
      url: endpoint.url,
      apis: [apiSendToKafka()],
      datasets,
      source,
      count: 4000,
      maximumInFlight: 50,
    });
    await vi.waitFor(() => expect(emulation.snapshot().posts.sent).toBeGreaterThan(1200), {
      timeout: 60_000,
    });
    emulation.pause();
    await server.kill();
    emulation.resume();
    await vi.waitFor(() => expect(away.length).toBeGreaterThan(0), { timeout: 60_000 });
    expect(emulation.snapshot().posts.sent).toBeLessThan(4000);
    await server.startAgain();
    const summary = await emulation.done;
    expect(summary.posts).toEqual({ begun: 4000, sent: 4000, unsent: 0, inFlight: 0 });
    expect(away).toEqual([expect.any(String), null]);
    expect(arrived.size).toBe(3 * 4000);
    await source.close();
    await endpoint.close();
  });

  describe('its password', () => {
    it('is in nothing that the commands print or write', async () => {
      const folder = temporaryFolder('secrets');
      const answering = await startEndpoint((request, response) => response.end(allTaken(request)));
      const refusing = await startEndpoint((_, response) => response.writeHead(403).end());
      const unsent = ['--unsent', join(folder, 'unsent.jsonl')];
      const emulate = (to: string, source: string) => [
        'emulate',
        '--to',
        to,
        '--source',
        source,
        '--count',
        '20',
        ...unsent,
      ];
      const withPassword = server.url;
      const runs: [expected: number, args: string[], env: Record<string, string>][] = [
        [0, ['seed', '--to', url, '--posts', '1000'], environment],
        [0, emulate(answering.url, url), environment],
        [1, emulate(refusing.url, url), environment],
        [0, emulate(answering.url, withPassword), { MYSQL_CA_FILE: environment.MYSQL_CA_FILE ?? '' }],
        // Wrong in every way that shows the URL or the password to whoever writes the message.
        [1, emulate(answering.url, withPassword.replace(/\/[^/]*$/, '/no_such_database')), environment],
        [2, emulate(answering.url, withPassword.replace(/\/[^/]*$/, '')), environment],
        [2, emulate(answering.url, withPassword.replace(`:${server.port}`, ':99999')), environment],
        [2, ['seed', '--to', withPassword.replace('mysql:', 'postgres:')], environment],
        [2, ['seed', '--to', `${url}?ssl=${server.password}`], environment],
        [1, emulate(answering.url, url), { ...environment, MYSQL_USER: 'nobody' }],
      ];
      for (const [expected, args, env] of runs) {
        const secrets = { ...env, API_KEY: `key-${server.password}` };
        const surroundings = { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...secrets } };
        const { status, ...said } = await runCommand(args, surroundings);
        const output = said.output + said.errors;
        expect(output, output).not.toContain(server.password);
        expect(status, output).toBe(expected);
      }
      await answering.close();
      await refusing.close();
      for (const file of await readdir(folder, { recursive: true })) {
        expect(await readFile(join(folder, file), 'utf8'), file).not.toContain(server.password);
      }
    });
  });

  it('what is sent from it is what the generator made', async () => {
    const bodies: unknown[] = [];
    const endpoint = await startEndpoint((request, response) => {
      if (request.path.endsWith('/pin')) {
        bodies.push(...producedEvents(request));
      }
      response.end(allTaken(request));
    });
    const source = orderedMysqlSource({ database: await open(), datasets });
    await startEmulation({
      url: endpoint.url,
      apis: [apiSendToKafka()],
      datasets,
      source,
      count: 10,
      maximumInFlight: 1,
    }).done;
    expect(bodies).toEqual(Array.from({ length: 10 }, (_, index) => knownFields(generatePost(index, 1).pin)));
    await source.close();
    await endpoint.close();
  });
});
