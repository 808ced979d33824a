/** A pool of connections to MySQL that outlives the server: while the server is away, queries wait for it. */
import { connect } from 'node:net';
import { createPool, type Pool, type PoolOptions, type RowDataPacket } from 'mysql2/promise';
import { Backoff } from '../../pipeline/retry.ts';
import type { MysqlAddress } from './address.ts';

export interface DatabaseOptions {
  /** Connections at most. Default 8. */
  readonly connections?: number;
  /** Called with the reason when the server has gone away, and with null when it is back. */
  readonly onAway?: (reason: string | null) => void;
}

/** A row: columns by name. */
export type Row = Readonly<Record<string, unknown>>;

/** The argument of a placeholder: a value, or rows of values for `VALUES ?`. */
type Parameter = string | number | null | readonly (readonly (string | number | null)[])[];

const retryPolicy = { firstPauseMilliseconds: 50, longestPauseMilliseconds: 2000 };
/** A password may have been changed meanwhile: it is asked for again, but not for ever. */
const maximumDenials = 4;

export class Database {
  private pool: Promise<Pool> | undefined;
  private isAway = false;
  private isClosed = false;

  private constructor(
    private readonly address: MysqlAddress,
    private readonly options: DatabaseOptions,
  ) {}

  /** Opens the database. @throws when it cannot be reached now, or refuses the user */
  static async open(address: MysqlAddress, options: DatabaseOptions = {}): Promise<Database> {
    const database = new Database(address, options);
    try {
      await database.ask('SELECT 1', []);
      return database;
    } catch (error) {
      await database.close();
      const { host, port, database: name } = address;
      throw new Error(`The database ${name} at ${host}:${port} could not be opened.`, { cause: error });
    }
  }

  /**
   * Runs a statement that is harmless to run twice; waits and runs it again while the server is away, until the
   * signal is aborted.
   * @throws the server's error for the statement, or the signal's reason
   */
  async query(
    sql: string,
    parameters: readonly Parameter[] = [],
    signal?: AbortSignal,
  ): Promise<readonly Row[]> {
    let denials = 0;
    for (const backoff = new Backoff(retryPolicy, signal); ; ) {
      try {
        const rows = await this.ask(sql, parameters);
        this.setAway(null);
        return rows;
      } catch (error) {
        if (!mayPass(error)) {
          throw error;
        }
        this.setAway(codeOf(error));
        if (codeOf(error) === accessDenied) {
          denials += 1;
          if (denials > maximumDenials) {
            throw error;
          }
          await this.forgetPool();
        }
        await backoff.pause();
        signal?.throwIfAborted();
      }
    }
  }

  /** Ends the connections. What asks later, or again, is refused. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.forgetPool();
  }

  private async ask(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    if (this.isClosed) {
      throw new Error('The database was closed.');
    }
    this.pool ??= this.open();
    const pool = await this.pool;
    const [rows] = await pool.query<RowDataPacket[]>(sql, [...parameters]);
    return Array.isArray(rows) ? rows : [];
  }

  private async open(): Promise<Pool> {
    const { host, port, database, through, certificates, login } = this.address;
    const options: PoolOptions = {
      host,
      port,
      database,
      ...(await login()),
      connectionLimit: this.options.connections ?? 8,
      connectTimeout: 10_000,
      charset: 'utf8mb4',
      timezone: 'Z',
      // As the emulator sends them.
      dateStrings: true,
      typeCast: asEvents,
      decimalNumbers: true,
      // An integer beyond 2^53 comes as a string, never rounded.
      supportBigNumbers: true,
      jsonStrings: true,
    };
    if (certificates !== null) {
      options.ssl = {
        rejectUnauthorized: true,
        verifyIdentity: true,
        ...(certificates === undefined ? {} : { ca: certificates }),
      };
    }
    if (through) {
      options.stream = () => connect(through.port, through.host);
    }
    const pool = createPool(options);
    // Queued before any other query. By default, the server says in which time zone a TIMESTAMP is given and whether a
    // backslash escapes, which mysql2 takes for granted.
    pool.pool.on('connection', (connection) => {
      connection.query("SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'", (error) => {
        if (error !== null) {
          connection.destroy();
        }
      });
    });
    return pool;
  }

  private async forgetPool(): Promise<void> {
    const pool = this.pool;
    this.pool = undefined;
    // One that never opened, or whose server is gone, has nothing to end.
    await pool?.then((opened) => opened.end()).catch(() => {});
  }

  private setAway(reason: string | null): void {
    if ((reason !== null) !== this.isAway) {
      this.isAway = reason !== null;
      this.options.onAway?.(reason);
    }
  }
}

interface Field {
  readonly type: string;
  string(): string | null;
  buffer(): Buffer | null;
}

/** Gives times in whole seconds, a date as its midnight and bits as their number, as events hold them. */
function asEvents(field: Field, next: () => unknown): unknown {
  switch (field.type) {
    case 'DATETIME':
    case 'TIMESTAMP':
      return field.string()?.slice(0, 'YYYY-MM-DD HH:MM:SS'.length) ?? null;
    case 'DATE':
    case 'NEWDATE': {
      const date = field.string();
      return date === null ? null : `${date} 00:00:00`;
    }
    case 'BIT': {
      const bits = field.buffer();
      return bits === null ? null : String(BigInt(`0x${bits.toString('hex')}`));
    }
    default:
      return next();
  }
}

const accessDenied = 'ER_ACCESS_DENIED_ERROR';

/** Errors of a server that is away, or on its way up or down. */
const passing = new Set([
  accessDenied,
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'HANDSHAKE_SSL_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_CONNECTION_KILLED',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  // Codes of mysql2 for a connection that broke before the server greeted, or while a query was queued on it.
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
]);

function mayPass(error: unknown): boolean {
  const code = codeOf(error);
  const isLost = error instanceof Error && /closed state|Connection lost|socket/i.test(error.message);
  return passing.has(code) || isLost;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'lost connection';
}
