/** Stand-ins for the CLIs of Pulumi and AWS, in a folder for PATH. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StandIns {
  /** The output of `pulumi stack output --json`. */
  readonly outputs: unknown;
  /** The machine that is found; null when none runs. */
  readonly machine?: string | null;
  /** The port of 127.0.0.1 where what is forwarded ends. */
  readonly forwardTo: number;
}

/** Writes them, and gives the PATH that finds them first. Each call is written to the file `calls` in the folder. */
export function standIns(folder: string, { outputs, machine = 'i-0a1b2c3d', forwardTo }: StandIns): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  const write = (name: string, body: string) => {
    const file = join(bin, name);
    writeFileSync(
      file,
      `#!${process.execPath}
const { appendFileSync, writeFileSync } = require('node:fs');
const { connect, createServer } = require('node:net');
const called = process.argv.slice(2);
appendFileSync(${JSON.stringify(calls)}, JSON.stringify([${JSON.stringify(name)}, ...called]) + '\\n');
${body}`,
    );
    chmodSync(file, 0o755);
  };
  write('pulumi', `console.log(${JSON.stringify(JSON.stringify(outputs))});`);
  // As the Session Manager plugin does: it says on which port it listens, and ends when it is interrupted.
  write(
    'aws',
    `if (called[0] === 'ec2') {
  console.log(${JSON.stringify(machine ?? 'None')});
} else {
  writeFileSync(${JSON.stringify(join(folder, 'session'))}, String(process.pid));
  const { localPortNumber: [port] = ['0'] } = JSON.parse(called[called.indexOf('--parameters') + 1]);
  const server = createServer((near) => {
    const far = connect(${forwardTo}, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on('error', () => { near.destroy(); far.destroy(); });
  });
  server.listen(Number(port), '127.0.0.1', () => {
    console.log('Starting session with SessionId: me-0123');
    console.log('Port ' + server.address().port + ' opened for sessionId me-0123.');
    console.log('Waiting for connections...');
  });
  process.on('SIGINT', () => process.exit(0));
}`,
  );
  return `${bin}:${process.env.PATH}`;
}
