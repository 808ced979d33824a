import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, it } from 'vitest';
import { type UserDataArgs, userData } from '../../../infra/client/user_data.ts';
import { testFolder } from '../../support/folder.ts';
import { describeReal, shellcheck } from '../systems.ts';

const run = promisify(execFile);

/** The digest of `stands for …\n`, which the stand-in of `aws s3 cp` leaves. */
const digestOfStandIn = 'd9b1f1d4a7d5f2b1';
const given: UserDataArgs = {
  region: 'eu-west-1',
  bucket: 'the-artefacts',
  bootstrapServers: 'b-1.x.kafka.eu-west-1.amazonaws.com:9098,b-2.x.kafka.eu-west-1.amazonaws.com:9098',
  kafka: { key: 'artefacts/kafka/4.0.0/kafka.tgz', sha256: undefined },
  restProxy: { key: 'artefacts/kafka-rest/7.6.1/rest.tar.gz', sha256: undefined },
  iamAuth: { key: 'artefacts/msk-iam-auth/2.3.8/auth.jar', sha256: undefined },
  heapMib: 512,
};

describeReal('the Kafka client’s start script', [shellcheck], () => {
  const folder = testFolder('user-data');
  const root = join(folder, 'root');
  beforeEach(() => {
    for (const path of ['etc/systemd/system', 'opt', 'var/log', 'bin']) {
      mkdirSync(join(root, path), { recursive: true });
    }
    standIn('dnf', '');
    standIn('systemctl', '');
    standIn('useradd', '');
    standIn('id', 'exit 1');
    // An archive with one program for the two archives, a text for the jar.
    standIn(
      'aws',
      `for last; do :; done
case $last in
  *.jar) echo jar >"$last" ;;
  *) made=$(mktemp -d); mkdir -p "$made/top/bin"; echo '#!/bin/sh' >"$made/top/bin/kafka-rest-start"
     tar -czf "$last" -C "$made" top; rm -r "$made" ;;
esac`,
    );
    // Owners of the machine: a test has no right to change them.
    standIn(
      'install',
      'while [ $# -gt 0 ]; do case $1 in -m|-o|-g) shift 2;; -d) shift;; *) mkdir -p "$1"; shift;; esac; done',
    );
  });

  /** A program that writes down how it was called, and then does a little. */
  function standIn(name: string, does: string): void {
    const path = join(root, 'bin', name);
    writeFileSync(path, `#!/bin/bash\necho "${name} $*" >>"$RECORD"\n${does}\n`);
    chmodSync(path, 0o755);
  }

  /** Runs the script with every absolute path of the machine moved into the throw-away root. */
  async function start(script: string) {
    const moved = script.replaceAll(/(^|[ >"'])\/(etc|opt|var)\//gm, `$1${root}/$2/`);
    const file = join(folder, 'start.sh');
    writeFileSync(file, moved);
    const record = join(folder, 'record');
    writeFileSync(record, '');
    const environment = { PATH: `${join(root, 'bin')}:${process.env.PATH}`, RECORD: record };
    const ended = await run('bash', [file], { env: environment }).then(
      () => 0,
      (error: { code?: number }) => error.code ?? 1,
    );
    const calls = readFileSync(record, 'utf8').replaceAll(root, '').trimEnd().split('\n');
    return {
      ended,
      calls,
      read: (path: string) => readFileSync(join(root, path), 'utf8').replaceAll(root, ''),
    };
  }

  it('is clean to ShellCheck, and small enough for EC2', async () => {
    const file = join(folder, 'user-data.sh');
    writeFileSync(file, userData(given));
    expect(await shellcheck.check(file)).toBe('');
    expect(userData(given).length).toBeLessThan(16_384);
  });

  it('installs from our bucket and Amazon Linux alone, and starts the REST proxy', async () => {
    const { ended, calls } = await start(userData(given));
    expect(ended).toBe(0);
    expect(calls).toEqual([
      'dnf install --assumeyes --quiet java-17-amazon-corretto-headless tar gzip',
      'id -u kafka',
      'useradd --system --home-dir /opt/kafka-client --shell /sbin/nologin kafka',
      expect.stringMatching(/^install -d -m 0755 \/opt\/kafka-client /),
      'aws s3 cp --only-show-errors --region eu-west-1 s3://the-artefacts/artefacts/kafka/4.0.0/kafka.tgz /opt/kafka-client/kafka.tgz',
      'aws s3 cp --only-show-errors --region eu-west-1 s3://the-artefacts/artefacts/kafka-rest/7.6.1/rest.tar.gz /opt/kafka-client/rest.tar.gz',
      'aws s3 cp --only-show-errors --region eu-west-1 s3://the-artefacts/artefacts/msk-iam-auth/2.3.8/auth.jar /opt/kafka-client/msk-iam-auth.jar',
      expect.stringMatching(/^install -d -m 0750 /),
      'systemctl daemon-reload',
      'systemctl enable --now kafka-rest.service',
    ]);
  });

  it('leaves a proxy that signs in with IAM over TLS, and writes each record once', async () => {
    const { read } = await start(userData(given));
    const properties = Object.fromEntries(
      read('etc/kafka-client/rest.properties')
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(properties).toMatchObject({
      'bootstrap.servers': given.bootstrapServers,
      listeners: 'http://0.0.0.0:8082',
      'client.security.protocol': 'SASL_SSL',
      'client.sasl.mechanism': 'AWS_MSK_IAM',
      'producer.enable.idempotence': 'true',
    });
    expect(read('etc/systemd/system/kafka-rest.service')).toContain(
      'ExecStart=/opt/kafka-client/rest/bin/kafka-rest-start /etc/kafka-client/rest.properties\n',
    );
    expect(read('opt/kafka-client/rest/bin/kafka-rest-start')).toContain('#!/bin/sh');
  });

  it('can run again', async () => {
    expect((await start(userData(given))).ended).toBe(0);
    expect((await start(userData(given))).ended).toBe(0);
  });

  it('ends at a file that is not what was pinned, before anything is started', async () => {
    const wrong = { ...given, iamAuth: { ...given.iamAuth, sha256: digestOfStandIn.repeat(4) } };
    const { ended, calls } = await start(userData(wrong));
    expect(ended).not.toBe(0);
    expect(calls.filter((call) => call.startsWith('systemctl'))).toEqual([]);
  });

  it('ends when a package cannot be installed', async () => {
    standIn('dnf', 'exit 1');
    const { ended, calls } = await start(userData(given));
    expect(ended).not.toBe(0);
    expect(calls).toHaveLength(1);
  });

  it.each(['x; rm -rf /', "a'b", '$(id)', 'a b', ''])('refuses %j, which a shell would read', (bucket) => {
    expect(() => userData({ ...given, bucket })).toThrow('cannot go into a start script');
  });
});
