/** A certificate that a test's server shows, and its clients trust. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { newFolder } from './folder.ts';

/** Makes a certificate for `gateway.example` and 127.0.0.1; its files are removed after the test file. */
export function makeCertificate() {
  const folder = newFolder('certificate');
  afterAll(() => rmSync(folder, { recursive: true }));
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const subject = [
    '-subj',
    '/CN=gateway.example',
    '-addext',
    'subjectAltName=DNS:gateway.example,IP:127.0.0.1',
  ];
  const keyType = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...keyType, ...subject, '-keyout', files.key, '-out', files.certificate],
    {
      stdio: 'pipe',
    },
  );
  return {
    files,
    certificate: readFileSync(files.certificate, 'utf8'),
    key: readFileSync(files.key, 'utf8'),
  };
}
