import { describe, expect, it } from 'vitest';
import { Journal, type JournalSettings } from '../../pipeline/commands/journal.ts';
import { suiteFolder } from '../support/folder.ts';
import { startCommand } from '../support/process.ts';

const folder = suiteFolder('journal');

function journal(settings: Partial<JournalSettings>) {
  const lines: string[] = [];
  const clock = { now: 0 };
  const noted = new Journal(
    'sink',
    { logFormat: 'text', logLevel: 'info', ...settings },
    (line) => lines.push(line),
    () => clock.now,
  );
  return { noted, lines, clock };
}

describe('a journal', () => {
  it('is one JSON object a line, or one line for people', () => {
    const json = journal({ logFormat: 'json' });
    json.noted.note('warn', 'Waiting\nfor it', { topic: 'pin', tries: 2 });
    expect(json.lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","service":"sink","message":"Waiting\\nfor it","topic":"pin","tries":2}\n',
    ]);
    const text = journal({});
    text.noted.note('warn', 'Waiting\n\u001b[2Jfor it', { topic: 'pin' });
    expect(text.lines).toEqual(['Waiting [2Jfor it topic=pin\n']);
  });

  it('leaves out what is below its level', () => {
    const { noted, lines } = journal({ logLevel: 'warn' });
    noted.note('info', 'one');
    noted.note('error', 'two');
    expect(lines).toEqual(['two\n']);
  });

  it('writes what happens often once a second, with the number of lines left out', () => {
    const { noted, lines, clock } = journal({});
    for (clock.now = 0; clock.now <= 1000; clock.now += 100) {
      noted.noteOften('429', 'warn', 'refused');
    }
    expect(lines).toEqual(['refused\n', 'refused left_out=9\n']);
  });
});

it('npm run gateway --log-format json writes JSON alone, with each refused request, and no content of rows', async () => {
  const gateway = startCommand(
    `gateway --log embedded:${folder}/log --port 0 --log-format json --log-level debug`,
  );
  await gateway.says('The API listens on');
  const [, url = ''] = /(http:\S+)/.exec(gateway.said.output) ?? [];
  const body = JSON.stringify({
    records: [{ value: { index: 1, title: 'hunter2' } }, { value: { index: 'hunter2' } }],
  });
  for (const text of [body, body.replace('"hunter2"}}]', '2}}]')]) {
    await fetch(`${url}/topics/pin`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.kafka.json.v2+json', 'x-api-key': 'hunter2' },
      body: text,
    });
  }
  gateway.kill('SIGTERM');
  const { errors, status } = await gateway.ended;
  expect(status).toBe(0);
  expect(errors).not.toContain('hunter2');
  const lines: unknown[] = errors
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ level: 'info', message: 'The API listens.', url }),
      expect.objectContaining({ level: 'debug', method: 'POST', route: '/topics/:topic', status: 422 }),
    ]),
  );
});
