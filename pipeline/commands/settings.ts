/**
 * How every command takes its settings and ends: options are declared once, checked with zod, listed by `--help`;
 * exit status 0 done, 1 failed, 2 wrong usage.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { isUserPrefix, userPrefixForm } from '../naming.ts';

/** What a command is called, does and takes. */
export interface Command<Options extends z.ZodObject> {
  /** Its name behind `npm run`. */
  readonly name: string;
  readonly does: string;
  /** Made of `option` and `flag`, by name in camel case: `untilIdle` is `--until-idle`. */
  readonly options: Options;
}

/** An option `--name VALUE`; its schema says whether it may be left out, and what it is then. */
export function option<Schema extends z.ZodType>(value: string, does: string, schema: Schema): Schema {
  return schema.meta({ value, description: does });
}

/** An option without a value: true when it is given. */
export function flag(does: string): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(false).meta({ description: does });
}

const digits = z.string('is missing').regex(/^[0-9]{1,15}$/, 'must be a whole number, 0 or more');

/** Text that is there and not empty: a folder, a URL. */
export const text = z.string('is missing').min(1, 'must not be empty');
/** Whose topics and streams, on shared infrastructure. */
export const userPrefix = text.refine(isUserPrefix, userPrefixForm);
/** 0, 1, 2, … */
export const wholeNumber = digits.transform(Number);
/** 1, 2, 3, … */
export const positiveInteger = wholeNumber.refine((number) => number > 0, 'must be 1 or more');
/** A number above 0, with a fraction if wanted. */
export const positiveNumber = z
  .string('is missing')
  .regex(/^([0-9]+(\.[0-9]*)?|\.[0-9]+)$/, 'must be a number above 0')
  .transform(Number)
  .refine((number) => number > 0, 'must be above 0')
  .refine(Number.isFinite, 'is too large');
/** A TCP port; 0 lets the system choose a free one. */
export const port = wholeNumber.refine((number) => number < 65_536, 'must be a port, 0 to 65535');

/** The command line is not one that the command understands. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads what an option holds. @throws UsageError when that fails: the command was called wrongly */
export function readOption<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/**
 * Reads a command line.
 * @throws UsageError that names every option that is unknown, missing or wrong
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
 * Lets the work go on when output can no longer be written. A reader that has seen enough (`| head`) is no failure; a full
 * disk is one, and is said once.
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
 * Runs a command on this process's command line and sets its exit status. Settings come checked; the signal is
 * aborted by Ctrl-C and SIGTERM, so that the command can end cleanly; a second Ctrl-C ends at once.
 */
export async function runCommand<Options extends z.ZodObject>(
  command: Command<Options>,
  run: (settings: z.output<Options>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const settings = parseCommand(command);
  goOnWithoutOutput(command.name);
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    // Who does not look at the signal can be ended at any moment.
    if (stop.signal.aborted || run.length < 2) {
      process.exit(name === 'SIGINT' ? 130 : 143);
    }
    stop.abort(new Error(`Ended by ${name}.`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await run(settings, stop.signal);
  } catch (error) {
    process.stderr.write(`${command.name}: ${messageOf(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The settings on this process's command line; on `--help` or wrong usage it prints the usage and exits. */
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

/** What a person reads when something failed: the message, and those of its causes. */
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
    const { values } = parseArgs({ args: [...commandLine], options: accepted, allowPositionals: false });
    return Object.fromEntries(names.map((name) => [name, values[optionName(name)]]));
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function optionName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
