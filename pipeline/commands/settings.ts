/**
 * Settings and exit status of every command. Options are declared once, checked with zod and listed by `--help`.
 * Exit status: 0 done, 1 failed, 2 wrong usage.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { isUserPrefix, userPrefixForm } from '../naming.ts';

/** The declaration of a command. */
export interface Command<Options extends z.ZodObject> {
  /** Its name after `npm run`. */
  readonly name: string;
  readonly does: string;
  /** Seconds that it has to end after SIGTERM; then it is ended. Default: as long as it takes. */
  readonly endsWithin?: number;
  /** Options made with `option` and `flag`, by name in camel case: `untilIdle` is `--until-idle`. */
  readonly options: Options;
}

/** An option `--name VALUE`. Its schema says whether it is optional and its default. */
export function option<Schema extends z.ZodType>(value: string, does: string, schema: Schema): Schema {
  return schema.meta({ value, description: does });
}

/** An option without a value: true when it is given. */
export function flag(does: string): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(false).meta({ description: does });
}

const digits = z
  .string('is missing')
  .regex(/^[0-9]+$/, 'must be a whole number, 0 or more')
  .refine((number) => number.length <= 15, 'is too large');

/** A string that is not empty, such as a folder or a URL. */
export const text = z.string('is missing').min(1, 'must not be empty');
/** The path of a file or folder of this machine. */
export const path = text
  .refine((value) => !/^~($|\/)/.test(value), 'begins with ~, which the shell has left as it is: write $HOME')
  .refine(
    (value) => !/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(value),
    'is a URL, which cannot be read or written here',
  );
/** The prefix of a user's topics and streams on shared infrastructure. */
export const userPrefix = text.refine(isUserPrefix, userPrefixForm);
/** 0, 1, 2, … */
export const wholeNumber = digits.transform(Number);
/** 1, 2, 3, … */
export const positiveInteger = wholeNumber.refine((number) => number > 0, 'must be 1 or more');
/** A number above 0, with or without a fraction. */
export const positiveNumber = z
  .string('is missing')
  .regex(/^([0-9]+(\.[0-9]*)?|\.[0-9]+)$/, 'must be a number above 0')
  .transform(Number)
  .refine((number) => number > 0, 'must be above 0')
  .refine(Number.isFinite, 'is too large');
/** A TCP port; 0 lets the system choose a free one. */
export const port = wholeNumber.refine((number) => number < 65_536, 'must be a port, 0 to 65535');

/** Thrown for a command line that the command does not understand. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the value of an option. @throws UsageError when that fails */
export function readOption<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/**
 * Reads a command line.
 * @throws UsageError that names every unknown, missing or invalid option
 */
export function readSettings<Options extends z.ZodObject>(
  command: Command<Options>,
  commandLine: readonly string[],
): z.output<Options> {
  const checked = command.options.safeParse(parse(command.options, commandLine));
  if (!checked.success) {
    const problems = checked.error.issues.map(
      ({ path, message }) => `--${optionName(String(path[0]))} ${message}`,
    );
    throw new UsageError(problems.join('\n'));
  }
  return checked.data;
}

/**
 * Lets the work go on when output can no longer be written. A reader that has closed the
 * pipe (`| head`) is not a failure; a full disk is one, and is reported once.
 */
function goOnWithoutOutput(command: string): void {
  let isSaid = false;
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !isSaid) {
      isSaid = true;
      process.exitCode = 1;
      process.stderr.write(`${command}: The output could not be written: ${error.message}\n`);
    }
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
}

/**
 * Runs a command with checked settings from this process's command line, and sets the exit status. Ctrl-C and SIGTERM
 * abort the signal, so that the command can end cleanly; a second Ctrl-C ends it at once.
 */
export async function runCommand<Options extends z.ZodObject>(
  command: Command<Options>,
  run: (settings: z.output<Options>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const settings = parseCommand(command);
  goOnWithoutOutput(command.name);
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    // A command that takes no signal can end at any moment.
    if (stop.signal.aborted || run.length < 2) {
      process.exit(name === 'SIGINT' ? 130 : 143);
    }
    stop.abort(new Error(`Ended by ${name}.`));
    endWithin(command);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await run(settings, stop.signal);
  } catch (error) {
    process.stderr.write(failureLine(command.name, settings, error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The last line of a command that failed; as JSON, where its other lines are. */
function failureLine(service: string, settings: object, error: unknown): string {
  const message = messageOf(error);
  return 'logFormat' in settings && settings.logFormat === 'json'
    ? `${JSON.stringify({ time: new Date().toISOString(), level: 'error', service, message })}\n`
    : `${service}: ${message}\n`;
}

/** Ends the process when its command has not ended by itself in time: a disk or a server that hangs must not keep it. */
function endWithin({ name, endsWithin }: Command<z.ZodObject>): void {
  if (endsWithin !== undefined) {
    const end = () => {
      process.stderr.write(
        `${name}: It did not end within ${endsWithin} s and is cut off. What it had begun is done again at the next start.\n`,
      );
      process.exit(1);
    };
    setTimeout(end, endsWithin * 1000).unref();
  }
}

/** Reads this process's command line; prints the usage and exits on `--help` and wrong usage. */
export function parseCommand<Options extends z.ZodObject>(command: Command<Options>): z.output<Options> {
  const commandLine = process.argv.slice(2);
  if (commandLine.includes('--help')) {
    process.stdout.write(usageOf(command));
    process.exit(0);
  }
  try {
    return readSettings(command, commandLine);
  } catch (error) {
    process.stderr.write(`${command.name}: ${messageOf(error)}\n\n${usageOf(command)}`);
    process.exit(2);
  }
}

/** The message of an error and of its causes, for people. */
export function messageOf(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause !== undefined && parts.length < 5; ) {
    const message = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
    if (!parts.some((part) => part.includes(message))) {
      parts.push(message);
    }
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return parts.join(' Because: ');
}

/** The text of `--help`. */
export function usageOf(command: Command<z.ZodObject>): string {
  const rows = Object.entries(command.options.shape).map(([name, schema]) => {
    const { value, description } = z.globalRegistry.get(schema) ?? {};
    return {
      left: `  --${optionName(name)}${typeof value === 'string' ? ` ${value}` : ''}`,
      does: description ?? '',
    };
  });
  const width = Math.max(0, ...rows.map(({ left }) => left.length));
  const lines = rows.map(({ left, does }) => `${left.padEnd(width)}  ${does}\n`);
  return `npm run ${command.name} -- [options]\n${command.does}\n\n${lines.join('')}`;
}

function parse(options: z.ZodObject, commandLine: readonly string[]): Record<string, unknown> {
  const names = Object.keys(options.shape);
  const accepted = Object.fromEntries(
    Object.entries(options.shape).map(([name, schema]) => {
      const takesValue = z.globalRegistry.get(schema)?.value !== undefined;
      return [optionName(name), { type: takesValue ? ('string' as const) : ('boolean' as const) }];
    }),
  );
  try {
    const { values, tokens } = parseArgs({
      args: [...commandLine],
      options: accepted,
      allowPositionals: false,
      tokens: true,
    });
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const repeated = given.find((name, place) => given.indexOf(name) < place);
    if (repeated !== undefined) {
      throw new UsageError(`--${repeated} is given twice: only one value can hold.`);
    }
    return Object.fromEntries(names.map((name) => [name, values[optionName(name)]]));
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(messageOf(error), { cause: error });
  }
}

function optionName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
