/**
 * What happens to a command that runs for long: one line an occurrence on standard error, for people or as JSON. No line holds
 * a secret or the content of a row.
 */
import * as z from 'zod';
import { showStatusLine } from '../ui/terminal/status_line.ts';
import { option } from './settings.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];
type Fields = Readonly<Record<string, string | number | boolean>>;

export const journalOptions = {
  logFormat: option(
    'FORMAT',
    'text or json: of each line on standard error (text)',
    z.enum(['text', 'json']).default('text'),
  ),
  logLevel: option(
    'LEVEL',
    'debug, info, warn or error: lines below it are left out (info)',
    z.enum(levels).default('info'),
  ),
};

export type JournalSettings = z.output<z.ZodObject<typeof journalOptions>>;

/** Lines of one kind are written this often at most: a caller must not fill the disk. */
const betweenLikeMilliseconds = 1000;

export class Journal {
  private readonly written = new Map<string, { at: number; leftOut: number }>();

  constructor(
    private readonly service: string,
    private readonly settings: JournalSettings,
    private readonly write: (line: string) => void = (line) => process.stderr.write(line),
    private readonly now: () => number = Date.now,
  ) {}

  get isJson(): boolean {
    return this.settings.logFormat === 'json';
  }

  note(level: Level, message: string, fields: Fields = {}): void {
    if (levels.indexOf(level) < levels.indexOf(this.settings.logLevel)) {
      return;
    }
    const time = new Date(this.now()).toISOString();
    const line = this.isJson
      ? JSON.stringify({ time, level, service: this.service, message, ...fields })
      : [oneLine(message), ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(' ');
    this.write(`${line}\n`);
  }

  /** The same, once a second for each kind at most; the next line says how many were left out. */
  noteOften(kind: string, level: Level, message: string, fields: Fields = {}): void {
    const last = this.written.get(kind);
    if (last !== undefined && this.now() - last.at < betweenLikeMilliseconds) {
      last.leftOut += 1;
      return;
    }
    this.written.set(kind, { at: this.now(), leftOut: 0 });
    this.note(level, message, last?.leftOut ? { ...fields, left_out: last.leftOut } : fields);
  }
}

/** Between two lines where there is no terminal. */
const statusMilliseconds = 10_000;

/** Shows how a command stands until it is stopped. @returns the function that stops it */
export function showStatus(journal: Journal, line: () => string): () => void {
  if (!journal.isJson) {
    return showStatusLine(line, process.stderr, statusMilliseconds);
  }
  const timer = setInterval(() => journal.note('info', line()), statusMilliseconds);
  return () => clearInterval(timer);
}

/** Makes one line of text from elsewhere, such as a server's message, so that it forges no line and steers no terminal. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
