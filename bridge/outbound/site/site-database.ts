import mysql from 'mysql2/promise';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { TooSlow, within } from '../../shared/within.js';

/** A site's database is asked before a page is answered: it gets no more time, and no more connections. */
const ANSWER_MS = 2_000;
const CONNECTIONS = 4;
const WAITING = 100;
/** Rows of one answer. */
const ROWS = 1_000;
const IDLE_MS = 60_000;

export type SiteRow = RowDataPacket;

/** Another's database, of which Foyer reads a little. Nothing it does there can change anything. */
export class SiteDatabase {
  private readonly pool: Pool;

  /** @param address `mysql://user:password@host:3306/database` */
  constructor(address: string) {
    const { hostname, port, username, password, pathname } = new URL(address);
    this.pool = mysql.createPool({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      ...{ port: port === '' ? 3306 : Number(port), database: decodeURIComponent(pathname.slice(1)) },
      ...{ user: decodeURIComponent(username), password: decodeURIComponent(password) },
      ...{ connectionLimit: CONNECTIONS, queueLimit: WAITING, idleTimeout: IDLE_MS, connectTimeout: ANSWER_MS },
      ...{ charset: 'utf8mb4', timezone: 'Z', multipleStatements: false, supportBigNumbers: true, trace: false },
      // An identifier beyond what a number holds, or a day that isn't one, comes as it is written.
      bigNumberStrings: true,
      // Foyer's files are none of that server's business.
      flags: ['-LOCAL_FILES'],
    });
    this.pool.on('connection', (connection) => {
      void connection.query('SET SESSION TRANSACTION READ ONLY');
      void connection.query(
        `SET SESSION time_zone = '+00:00', SESSION sql_select_limit = ${ROWS}, SESSION group_concat_max_len = 65536 ` +
          `/*M!100100 , SESSION max_statement_time = ${ANSWER_MS / 1000} */`,
      );
    });
  }

  /** @throws what the server has against it, or TooSlow */
  async select(sql: string, values: readonly string[]): Promise<SiteRow[]> {
    const asking = this.pool.getConnection();
    const connection = await within(ANSWER_MS, asking).catch((error: unknown) => {
      asking.then((late) => late.release()).catch(() => undefined);
      throw error;
    });
    try {
      const [rows] = await within(ANSWER_MS, connection.execute<SiteRow[]>(sql, [...values]));
      connection.release();
      return rows;
    } catch (error) {
      // One that hangs isn't given to whoever asks next.
      if (error instanceof TooSlow) connection.destroy();
      else connection.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.pool.end().catch(() => undefined);
  }
}
