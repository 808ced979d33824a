import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Tunnel } from '../../../emulator/stack/tunnel.ts';
import { testFolder } from '../../support/folder.ts';
import { standIns } from './commands.ts';

const options = {
  region: 'eu-west-1',
  machine: 'pinterest-dev-kafka-client',
  host: 'db.private',
  port: 3306,
};

const folder = testFolder('tunnel');
let far: Server;
let farPort: number;
beforeEach(async () => {
  far = createServer((socket) => socket.end('the database'));
  await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve));
  const address = far.address();
  farPort = address instanceof Object ? address.port : 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
  far.close();
});

const greeting = (port: number) => text(connect(port, '127.0.0.1'));
const calls = (): string[][] =>
  readFileSync(join(folder, 'calls'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const sessions = () => calls().filter(([, service]) => service === 'ssm');

describe('a tunnel', () => {
  it('leads from a port of this machine to the database, through the machine of that name', async () => {
    vi.stubEnv('PATH', standIns(folder, { outputs: {}, forwardTo: farPort }));
    const tunnel = await Tunnel.open(options);
    expect(await greeting(tunnel.localPort)).toBe('the database');
    const [found = []] = calls();
    expect(found).toContain('Name=tag:Name,Values=pinterest-dev-kafka-client');
    const [session = []] = sessions();
    expect(session).toContain('i-0a1b2c3d');
    expect(session).toContain('AWS-StartPortForwardingSessionToRemoteHost');
    expect(JSON.parse(session.at(-1) ?? '')).toEqual({ host: ['db.private'], portNumber: ['3306'] });
    await tunnel.close();
    await expect(greeting(tunnel.localPort)).rejects.toThrow('ECONNREFUSED');
  });

  it('whose session ends is opened again, on the same port', async () => {
    vi.stubEnv('PATH', standIns(folder, { outputs: {}, forwardTo: farPort }));
    const closed: string[] = [];
    const tunnel = await Tunnel.open({ ...options, onClosed: (reason) => closed.push(reason) });
    await expect(greeting(tunnel.localPort)).resolves.toBe('the database');
    process.kill(sessionId(), 'SIGKILL');
    await vi.waitFor(async () => expect(await greeting(tunnel.localPort)).toBe('the database'), {
      timeout: 20_000,
    });
    expect(closed).toEqual([expect.stringContaining('has ended')]);
    expect(JSON.parse(sessions().at(-1)?.at(-1) ?? '')).toMatchObject({
      localPortNumber: [String(tunnel.localPort)],
    });
    await tunnel.close();
  });

  it('cannot be opened without a running machine', async () => {
    vi.stubEnv('PATH', standIns(folder, { outputs: {}, machine: null, forwardTo: farPort }));
    await expect(Tunnel.open(options)).rejects.toThrow(
      'No machine pinterest-dev-kafka-client runs in eu-west-1: is the stack paused',
    );
  });

  it('repeats what Session Manager said when it is not opened', async () => {
    const file = join(folder, 'aws');
    writeFileSync(
      file,
      '#!/bin/sh\nif [ "$1" = ec2 ]; then echo i-0a1b; else echo "SessionManagerPlugin is not found" >&2; exit 255; fi\n',
    );
    chmodSync(file, 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    await expect(Tunnel.open(options)).rejects.toThrow('SessionManagerPlugin is not found');
  });

  it('cannot be opened without the AWS CLI', async () => {
    vi.stubEnv('PATH', folder);
    await expect(Tunnel.open(options)).rejects.toThrow('there is no aws on PATH');
  });
});

/** The process that stands in for the last session. */
function sessionId(): number {
  return Number(readFileSync(join(folder, 'session'), 'utf8'));
}
