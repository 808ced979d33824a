import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mysqlAddress } from '../../../emulator/mysql/address.ts';
import { temporaryFolder } from '../../support/folder.ts';

const noSecret = async (): Promise<string> => {
  throw new Error('no secret was to be asked for');
};
const from = (url: string, environment: Record<string, string> = {}, secret = noSecret) =>
  mysqlAddress(url, { environment, secret });

describe('the URL of a database', () => {
  it('names host, port and database', () => {
    expect(from('mysql://db.example/pins')).toMatchObject({
      host: 'db.example',
      port: 3306,
      database: 'pins',
    });
    expect(from('mysql://[::1]:3307/pins')).toMatchObject({ host: '::1', port: 3307 });
  });

  it('may go through a tunnel', () => {
    const { host, through } = from('mysql://db.example/pins?through=127.0.0.1:3307');
    expect({ host, through }).toEqual({ host: 'db.example', through: { host: '127.0.0.1', port: 3307 } });
  });

  it.each([
    'mysql://user:hunter2@/pins',
    'mysql://user:hunter2@host',
    'mysql://user:hunter2@host/a/b',
    'mysql://user:hunter2@host/pins?ssl=hunter2',
    'mysql://user:hunter2@host/pins?through=hunter2',
    'mysql://user:hunter2@host/pins?through=127.0.0.1:99999',
    'postgres://user:hunter2@host/pins',
    'hunter2',
  ])('is refused without being repeated: %s', (url) => {
    expect(() => from(url)).toThrow(/database/);
    expect(() => from(url)).not.toThrow('hunter2');
  });
});

describe('the login of a database', () => {
  it('is in the URL, then in the environment', async () => {
    const environment = { MYSQL_USER: 'env', MYSQL_PASSWORD: 'from env' };
    expect(await from('mysql://me:a%20b%40c@h/d', environment).login()).toEqual({
      user: 'me',
      password: 'a b@c',
    });
    expect(await from('mysql://me@h/d', environment).login()).toEqual({ user: 'me', password: 'from env' });
    expect(await from('mysql://h/d', environment).login()).toEqual({ user: 'env', password: 'from env' });
  });

  it('is in a secret as RDS keeps it, asked for each time', async () => {
    let asked = 0;
    const { login } = from('mysql://h/d', { MYSQL_SECRET: 'arn:secret' }, async () => {
      asked += 1;
      return `{"username":"rds","password":"turn ${asked}","engine":"mysql"}`;
    });
    expect(await login()).toEqual({ user: 'rds', password: 'turn 1' });
    expect(await login()).toEqual({ user: 'rds', password: 'turn 2' });
  });

  it('names the settings to make when it is missing', async () => {
    await expect(from('mysql://h/d').login()).rejects.toThrow('MYSQL_SECRET');
  });

  it('is in a secret of another form, which is not shown', async () => {
    const { login } = from('mysql://h/d', { MYSQL_SECRET: 'the-id' }, async () => '{"pass":"hunter2"');
    await expect(login()).rejects.toThrow('the-id');
    await expect(login()).rejects.not.toThrow('hunter2');
  });
});

describe('TLS', () => {
  it.each([
    ['127.0.0.1', null],
    ['localhost', null],
    ['[::1]', null],
    ['db.example', undefined],
    // A name that merely begins like this machine's address.
    ['127.0.0.1.example', undefined],
  ])('on %s: %s', (host, certificates) => {
    expect(from(`mysql://${host}/d`).certificates).toBe(certificates);
  });

  it('trusts the certificates of RDS for RDS alone', () => {
    const rds = from('mysql://pins.abc.eu-west-1.rds.amazonaws.com/d').certificates;
    expect(rds).toContain('BEGIN CERTIFICATE');
    expect(from('mysql://rds.amazonaws.com.example/d').certificates).toBeUndefined();
  });

  it('says which file of certificates cannot be read', () => {
    expect(() => from('mysql://h/d', { MYSQL_CA_FILE: '/no/such/file' })).toThrow(
      'MYSQL_CA_FILE names no file of certificates that can be read: /no/such/file',
    );
  });

  it('trusts the certificates of a file, on this machine too', async () => {
    const folder = temporaryFolder('ca');
    const file = join(folder, 'ca.pem');
    await writeFile(file, 'a certificate');
    expect(from('mysql://127.0.0.1/d', { MYSQL_CA_FILE: file }).certificates).toBe('a certificate');
  });
});
