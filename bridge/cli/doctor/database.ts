import { describeError } from '../../shared/errors.js';
import { pendingMigrations } from '../../storage/migrate.js';
import { isConnectionError, mysqlErrno, rows, type Row } from '../../storage/pool.js';
import type { Check, DoctorContext } from './context.js';
import { fail, ok, warn, type Finding } from './finding.js';

const LEAST = { mariadb: [10, 6], mysql: [8, 0] } as const;
/** One statement carries up to 400 messages of 30 KB. */
const PACKET_BYTES = 16 * 1024 * 1024;
const EMOJI = '😀';

export const database: Check = {
  name: 'database',
  needs: [],
  async run(context) {
    const { core, settings } = context;
    const where = settings.database.socket ?? `${settings.database.host}:${settings.database.port}`;
    let server: Row | undefined;
    try {
      [server] = await rows(
        core.pool,
        `SELECT VERSION() AS version, @@innodb_flush_log_at_trx_commit AS flush, @@max_allowed_packet AS packet, HEX(?) AS emoji`,
        [EMOJI],
      );
    } catch (error) {
      return [unreachable(context, where, error)];
    }
    return [
      ...version(String(server?.['version']), where),
      durability(Number(server?.['flush'])),
      packet(Number(server?.['packet'])),
      encoding(String(server?.['emoji'])),
    ];
  },
};

export const migrations: Check = {
  name: 'migrations',
  needs: ['database'],
  async run({ core }) {
    const pending = await pendingMigrations(core.pool);
    if (pending.length > 0) return [fail(`not all migrations were run: ${pending.join(', ')}`, 'run “foyer migrate”')];
    const wrong = await rows(
      core.pool,
      `SELECT tables.table_name AS name FROM information_schema.tables AS tables
        WHERE tables.table_schema = DATABASE() AND tables.table_type = 'BASE TABLE' AND (tables.table_collation NOT LIKE 'utf8mb4%' OR tables.engine <> 'InnoDB')`,
    );
    const names = wrong.map((row) => String(row['name'])).join(', ');
    if (wrong.length > 0)
      return [
        fail(
          `these tables aren’t InnoDB with utf8mb4: ${names}`,
          'ALTER TABLE … ENGINE=InnoDB, CONVERT TO CHARACTER SET utf8mb4',
        ),
      ];
    return [ok('all migrations run; all tables InnoDB with utf8mb4')];
  },
};

/** What is encrypted there can be opened with the key that is configured here. */
export const accountKey: Check = {
  name: 'account key',
  needs: ['migrations'],
  async run({ core }) {
    const [row] = await rows(
      core.pool,
      "SELECT accounts.password_box FROM accounts WHERE accounts.state <> 'removed' ORDER BY accounts.id DESC LIMIT 1",
    );
    if (!row) return [];
    try {
      core.box.open(row['password_box'] as Buffer);
      return [ok('secrets.account_key opens the stored passwords')];
    } catch {
      return [
        fail(
          'secrets.account_key doesn’t open the stored passwords',
          'set the key that the database was used with, or add it to secrets.older_account_keys',
        ),
      ];
    }
  },
};

export const basics: Check = {
  name: 'basics',
  needs: ['migrations'],
  async run({ core }) {
    const [row] = await rows(
      core.pool,
      `SELECT (SELECT COUNT(*) FROM instances) AS instances, (SELECT COUNT(*) FROM desks WHERE desks.state = 'active') AS desks,
              (SELECT COUNT(DISTINCT operators.id) FROM operators JOIN operator_departments ON operator_departments.operator_id = operators.id
                WHERE operators.disabled_at IS NULL) AS operators`,
    );
    if (Number(row?.['instances']) === 0) return [fail('there is no instance', 'foyer instance add main')];
    if (Number(row?.['operators']) === 0)
      return [warn('no operator is in any department', 'foyer operator add NAME --department NAME')];
    return [ok(`${row?.['desks']} active desks, ${row?.['operators']} operators in departments`)];
  },
};

function unreachable({ settings }: DoctorContext, where: string, error: unknown): Finding {
  const { user, name } = settings.database;
  const errno = mysqlErrno(error);
  if (errno === 1045 || errno === 1698)
    return fail(
      `the database at ${where} refuses user ${user}`,
      'set database.user and database.password as on the server',
    );
  if (errno === 1049)
    return fail(
      `there is no database ${name} at ${where}`,
      `CREATE DATABASE ${name} CHARACTER SET utf8mb4, or set database.name`,
    );
  if (errno === 1044)
    return fail(`user ${user} has no rights on database ${name}`, `GRANT ALL ON ${name}.* TO '${user}'@…`);
  const reason = describeError(error);
  if (!isConnectionError(error)) return fail(`the database at ${where} can’t be used (${reason})`, 'see its log');
  return fail(
    `the database at ${where} can’t be reached (${reason})`,
    'start it, or set database.host and database.port (or database.socket)',
  );
}

function version(text: string, where: string): Finding[] {
  const brand = /mariadb/i.test(text) ? 'mariadb' : 'mysql';
  const label = brand === 'mariadb' ? 'MariaDB' : 'MySQL';
  const [major = 0, minor = 0] = text.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST[brand];
  const enough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  const short = text.split('-')[0] ?? text;
  if (!enough)
    return [fail(`${label} ${short} at ${where} is too old`, 'use MariaDB 10.6 or later, or MySQL 8.0 or later')];
  return [ok(`database at ${where}: ${label} ${short}`)];
}

function durability(flush: number): Finding {
  if (flush === 1) return ok('innodb_flush_log_at_trx_commit is 1: what was acknowledged survives a power cut');
  return fail(
    `innodb_flush_log_at_trx_commit is ${flush}: acknowledged messages can be lost`,
    'set innodb_flush_log_at_trx_commit=1 in the server’s my.cnf',
  );
}

function packet(bytes: number): Finding {
  if (bytes >= PACKET_BYTES) return ok(`max_allowed_packet is ${bytes / 1024 / 1024} MB`);
  return warn(
    `max_allowed_packet is ${Math.round(bytes / 1024)} KB: bursts of long messages fail`,
    'set max_allowed_packet=16M or more',
  );
}

function encoding(hex: string): Finding {
  const sent = Buffer.from(EMOJI).toString('hex').toUpperCase();
  return hex === sent
    ? ok('the connection carries utf8mb4')
    : fail(
        'the connection doesn’t carry all of Unicode',
        'remove character set conversions (skip-character-set-client-handshake) from the server',
      );
}
