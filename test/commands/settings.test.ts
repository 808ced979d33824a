import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { location } from '../../pipeline/commands/location.ts';
import {
  flag,
  messageOf,
  option,
  path,
  port,
  positiveInteger,
  positiveNumber,
  readSettings,
  text,
  UsageError,
  usageOf,
} from '../../pipeline/commands/settings.ts';

const command = {
  name: 'weigh',
  does: 'Weighs things.',
  options: z.object({
    to: option('URL', 'where to', text),
    rate: option('R', 'how fast', positiveNumber.optional()),
    count: option('N', 'how many', positiveInteger.optional()),
    port: option('P', 'which port', port.default(8082)),
    untilIdle: option('S', 'when to end', positiveNumber.optional()),
    order: flag('in order'),
    file: option('FILE', 'where from', path.optional()),
    lake: option('DIR', 'where between', location.optional()),
  }),
};

describe('settings', () => {
  it('are parsed, checked and completed by defaults', () => {
    const line = ['--to', 'x', '--rate=.5', '--until-idle', '3', '--order'];
    expect(readSettings(command, line)).toEqual({
      to: 'x',
      rate: 0.5,
      port: 8082,
      untilIdle: 3,
      order: true,
    });
    expect(readSettings(command, ['--to', 'x'])).toEqual({ to: 'x', port: 8082, order: false });
  });

  it.each([
    [[], '--to is missing'],
    [['--to', ''], '--to must not be empty'],
    [['--to', 'x', '--rate', '0'], '--rate must be above 0'],
    [['--to', 'x', '--rate', '1e3'], '--rate must be a number above 0'],
    [['--to', 'x', '--count', '1.5'], '--count must be a whole number'],
    [['--to', 'x', '--count', '0'], '--count must be 1 or more'],
    [['--to', 'x', '--port', '70000'], '--port must be a port'],
    [['--to', 'x', '--until-idle', ''], '--until-idle must be'],
    [['--to', 'x', '--untilIdle', '1'], "Unknown option '--untilIdle'"],
    [['--to', 'x', 'y'], 'positional'],
    [['--to', 'x', '--order=yes'], '--order'],
    [['--to', 'x', '--count', '9999999999999999'], '--count is too large'],
    [['--to', 'x', '--to=y'], '--to is given twice'],
    [['--to', 'x', '--order', '--order'], '--order is given twice'],
    [['--to', 'x', '--file', '~/lake'], '--file begins with ~, which the shell has left as it is'],
    [['--to', 'x', '--file', 'file:///tmp/lake'], '--file is a URL'],
    [['--to', 'x', '--lake', '~'], '--lake begins with ~'],
    [
      ['--to', 'x', '--lake', 's3a://bucket/lake'],
      '--lake is a URL, which cannot be read or written here; what is not',
    ],
    [['--to', 'x', '--lake', 'S3://bucket/lake'], 's3://bucket/prefix'],
    [['--to', 'x', '--lake', 's3://Bucket/lake'], '--lake is wrong: Not an S3 URL'],
  ])('are refused for %j', (line, message) => {
    expect(() => readSettings(command, line)).toThrow(UsageError);
    expect(() => readSettings(command, line)).toThrow(message);
  });

  it.each(['~x', 'a~/b', 'C:/data', 'with space', 's3', './s3:/x'])('take the path %s', (path) => {
    expect(readSettings(command, ['--to', 'x', '--file', path, '--lake', path])).toMatchObject({
      file: path,
      lake: path,
    });
  });

  it('are refused with all mistakes at once', () => {
    expect(() => readSettings(command, ['--count', 'x', '--port', 'y'])).toThrow(
      /--to.*\n.*--count.*\n.*--port/,
    );
  });

  it('are listed by --help', () => {
    expect(usageOf(command)).toBe(
      'npm run weigh -- [options]\nWeighs things.\n\n' +
        '  --to URL        where to\n' +
        '  --rate R        how fast\n' +
        '  --count N       how many\n' +
        '  --port P        which port\n' +
        '  --until-idle S  when to end\n' +
        '  --order         in order\n' +
        '  --file FILE     where from\n' +
        '  --lake DIR      where between\n',
    );
  });
});

it('messageOf joins the messages of an error and its causes, each once', () => {
  const error = new Error('It failed.', { cause: new Error('why', { cause: new Error('why') }) });
  expect(messageOf(error)).toBe('It failed. Because: why');
  expect(messageOf('text')).toBe('text');
});
