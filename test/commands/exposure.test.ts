import { X509Certificate } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exposureOf } from '../../pipeline/commands/exposure.ts';
import { makeCertificate } from '../support/certificate.ts';
import { suiteFolder } from '../support/folder.ts';
import { runCommand, startCommand, startProgram } from '../support/process.ts';

const folder = suiteFolder('exposure');
const { files } = makeCertificate();
const renewed = makeCertificate();
const loopback = { host: '127.0.0.1', insecure: false };
const open = { host: '0.0.0.0', insecure: false };
const key = 'a key of twenty-two letters';
afterEach(() => vi.unstubAllEnvs());

/** The fingerprint of the certificate that a server shows. */
function certificateAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    }).on('error', reject);
  });
}

describe('a host that other machines reach', () => {
  it('needs TLS and a key, or to be called insecure', async () => {
    await expect(exposureOf(open)).rejects.toThrow(
      /--certificate FILE and --key FILE, and keys.*--insecure/s,
    );
    await expect(exposureOf({ ...open, ...files })).rejects.toThrow(/ACCEPTED_KEYS/);
    vi.stubEnv('ACCEPTED_KEYS', key);
    await expect(exposureOf(open)).rejects.toThrow('--certificate FILE and --key FILE; or');
    expect(await exposureOf({ ...open, ...files })).toMatchObject({
      host: '0.0.0.0',
      requestsPerSecond: 1000,
    });
    vi.unstubAllEnvs();
    vi.stubEnv('ACCEPTED_CREDENTIALS', `AKIDEXAMPLE:${key}`);
    expect(await exposureOf({ ...open, ...files }, { signatures: true })).toMatchObject({ host: '0.0.0.0' });
    vi.unstubAllEnvs();
    expect(await exposureOf({ ...open, insecure: true })).toMatchObject({ host: '0.0.0.0' });
  });

  it('is any but the loopback ones', async () => {
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
      expect(await exposureOf({ ...loopback, host })).toMatchObject({ host, requestsPerSecond: Infinity });
    }
    for (const host of ['::', '10.0.0.1', '::ffff:10.0.0.1', 'gateway.example', '128.0.0.1']) {
      await expect(exposureOf({ ...loopback, host }), host).rejects.toThrow('is reached from other machines');
    }
  });
});

describe('the files and keys of a host', () => {
  it('are refused when they cannot be used, and no key is shown', async () => {
    vi.stubEnv('ACCEPTED_KEYS', `${key},hunter2`);
    const refused = exposureOf(loopback);
    await expect(refused).rejects.toThrow('less than 20 characters');
    await expect(refused).rejects.not.toThrow('hunter2');
    vi.unstubAllEnvs();
    vi.stubEnv('ACCEPTED_CREDENTIALS', 'AKIDEXAMPLE:hunter2');
    const refusedCredentials = exposureOf(loopback, { signatures: true });
    await expect(refusedCredentials).rejects.toThrow('must be accessKeyId:secretAccessKey');
    await expect(refusedCredentials).rejects.not.toThrow('hunter2');
    vi.unstubAllEnvs();
    await expect(exposureOf({ ...loopback, certificate: files.certificate })).rejects.toThrow(
      'belong together',
    );
    const other = { certificate: files.key, key: files.key };
    await expect(exposureOf({ ...loopback, ...other })).rejects.toThrow(`--certificate ${files.key}`);
    await expect(exposureOf({ ...loopback, ...files, key: 'nowhere' })).rejects.toThrow('nowhere');
  });
});

describe('npm run gateway', () => {
  it('refuses another host with neither TLS nor a key, with status 2', async () => {
    const { status, errors } = await runCommand(
      `gateway --log embedded:${folder}/log --port 0 --host 0.0.0.0`,
    );
    expect(errors).toContain('say --insecure');
    expect(status).toBe(2);
  });

  it('serves others over TLS to those who have a key, takes a renewed certificate on SIGHUP, and ends on SIGTERM', async () => {
    const { certificate, key: keyFile } = files;
    const gateway = startCommand(
      `gateway --log embedded:${folder}/log --port 0 --host 0.0.0.0 --certificate ${certificate} --key ${keyFile}`,
      { env: { ...process.env, ACCEPTED_KEYS: key } },
    );
    await gateway.says('The API listens on https://0.0.0.0:');
    const [, port = ''] = /:(\d+)\n/.exec(gateway.said.output) ?? [];
    const emulate = await runCommand(
      `emulate --to https://127.0.0.1:${port} --count 5 --rate 100 --unsent ${folder}/unsent.jsonl`,
      { env: { ...process.env, API_KEY: key, NODE_EXTRA_CA_CERTS: certificate } },
    );
    expect(emulate.output).toContain('5 posts sent');
    const shown = () => certificateAt(Number(port));
    const before = await shown();
    // A renewal that is half done.
    copyFileSync(renewed.files.certificate, certificate);
    gateway.kill('SIGHUP');
    await gateway.until(() => gateway.said.errors.includes('The old certificate stays in use'));
    expect(await shown()).toBe(before);
    copyFileSync(renewed.files.key, keyFile);
    gateway.kill('SIGHUP');
    const { fingerprint256 } = new X509Certificate(renewed.certificate);
    while ((await shown()) !== fingerprint256) {}
    gateway.kill('SIGTERM');
    expect(await gateway.ended).toMatchObject({ status: 0 });
    expect(gateway.said.output + gateway.said.errors).not.toContain(key);
  });
});

it('ends a command that hangs after SIGTERM, within its bound', async () => {
  const endless = startProgram('test/commands/endless_command.ts');
  await endless.says('running');
  endless.kill('SIGTERM');
  const { status, output, errors } = await endless.ended;
  expect(output).toContain('told');
  expect(errors).toContain('did not end within 0.2 s');
  expect(status).toBe(1);
});
