import { expect, it } from 'vitest';
import { runCommand } from '../support/process.ts';

it.each([
  ['seed --to postgres://me:hunter2@h/d', 'That is not a URL of a database'],
  ['seed --to mysql://h/d --posts 0', '--posts must be 1 or more'],
  ['seed --posts 1', 'either --to URL, or --stack STACK'],
  ['emulate --to http://me:hunter2@127.0.0.1', '--to must be an http:// or https:// URL, with no user'],
  ['emulate --to ftp://127.0.0.1', '--to must be an http:// or https:// URL'],
  ['emulate --to http://127.0.0.1 --rate 0', '--rate must be above 0'],
  ['emulate --to http://127.0.0.1 --source csv', '--source must be synthetic or mysql://'],
  ['emulate --to http://127.0.0.1 --prefix a.b', '--prefix must be letters, digits and hyphens'],
  ['gateway --log kafka://me:hunter2@h:9092', 'A Kafka URL holds no user or password'],
  ['gateway --log embedded:log --port 70000', '--port must be a port'],
  ['gateway --log embedded:log --prefix a.b', '--prefix must be letters, digits and hyphens'],
  ['sink --from kinesis://eu-west-1 --landing x', '--from must be a log of topics'],
  ['sink --from kafka://h:9092 --landing x --prefix a.b', '--prefix must be letters, digits and hyphens'],
])('%s ends with 2 and says why', async (commandLine, reason) => {
  const { status, errors } = await runCommand(commandLine);
  const [says] = errors.split('\n');
  expect(says).toContain(reason);
  expect(says).not.toContain('hunter2');
  expect(status).toBe(2);
});
