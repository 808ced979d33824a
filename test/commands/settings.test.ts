import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  flag,
  messageOf,
  option,
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
  ])('are refused for %j', (line, message) => {
    expect(() => readSettings(command, line)).toThrow(UsageError);
    expect(() => readSettings(command, line)).toThrow(message);
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
        '  --order         in order\n',
    );
  });
});

it('messageOf joins the messages of an error and its causes, each once', () => {
  const error = new Error('It failed.', { cause: new Error('why', { cause: new Error('why') }) });
  expect(messageOf(error)).toBe('It failed. Because: why');
  expect(messageOf('text')).toBe('text');
});
