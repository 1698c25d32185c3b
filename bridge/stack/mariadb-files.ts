import { join } from 'node:path';

/** Settings of the private MariaDB that differ from one use to the next. */
export interface MariadbSettings {
  dir: string;
  port: number;
  socketPath: string;
  /** InnoDB's buffer pool as MariaDB writes sizes, such as `256M`. */
  bufferPool: string;
  /** Set when we are root: mariadbd refuses to run as root unless told so by name. */
  asRoot: boolean;
}

/** The server's own option file; with `--defaults-file` the system's ones aren't read. */
export function myCnf(settings: MariadbSettings): string {
  const { dir } = settings;
  const lines = [
    '[mysqld]',
    `datadir=${join(dir, 'data')}`,
    `tmpdir=${join(dir, 'tmp')}`,
    `socket=${settings.socketPath}`,
    `pid-file=${join(dir, 'mariadbd.pid')}`,
    `log-error=${join(dir, 'mariadb.log')}`,
    `init-file=${join(dir, 'init.sql')}`,
    `port=${settings.port}`,
    'bind-address=127.0.0.1',
    'skip-name-resolve',
    'skip-log-bin',
    'character-set-server=utf8mb4',
    'collation-server=utf8mb4_unicode_ci',
    'default-time-zone=+00:00',
    'max-connections=200',
    'max-allowed-packet=32M',
    'local-infile=0',
    // A transaction that has been answered for must survive a power cut: the bridge acknowledges after the commit.
    'innodb-flush-log-at-trx-commit=1',
    `innodb-buffer-pool-size=${settings.bufferPool}`,
    ...(settings.asRoot ? ['user=root'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Statements that mariadbd runs at each start before it lets anybody in: they give the administrator his password
 * (also after a first start that was interrupted) and take away what a fresh data directory has besides him.
 */
export function initSql(rootPassword: string): string {
  return [
    'CREATE OR REPLACE USER `root`@`127.0.0.1` IDENTIFIED BY ' + quoted(rootPassword) + ';',
    'GRANT ALL PRIVILEGES ON *.* TO `root`@`127.0.0.1` WITH GRANT OPTION;',
    'ALTER USER `root`@`localhost` IDENTIFIED BY ' + quoted(rootPassword) + ';',
    "DELETE FROM mysql.global_priv WHERE User IN ('', 'root') AND Host NOT IN ('localhost', '127.0.0.1');",
    "DELETE FROM mysql.proxies_priv WHERE Host <> 'localhost';",
    'FLUSH PRIVILEGES;',
    '',
  ].join('\n');
}

/** A text as an SQL string literal; for statements that take no parameters (CREATE USER). */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
