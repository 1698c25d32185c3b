import { createHash, createHmac, randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import mysql, { type Connection } from 'mysql2/promise';
import { freshDatabase, sharedMariadb } from './stack.js';
import { leftovers } from './stack-leftovers.js';

/** Tables as Django's migrations make them on MariaDB, as far as logins go. */
const TABLES = [
  `django_session (session_key VARCHAR(40) NOT NULL PRIMARY KEY, session_data LONGTEXT NOT NULL, expire_date DATETIME(6) NOT NULL)`,
  `auth_user (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, password VARCHAR(128) NOT NULL, last_login DATETIME(6) NULL, is_superuser TINYINT(1) NOT NULL DEFAULT 0,
     username VARCHAR(150) NOT NULL UNIQUE, first_name VARCHAR(150) NOT NULL DEFAULT '', last_name VARCHAR(150) NOT NULL DEFAULT '', email VARCHAR(254) NOT NULL DEFAULT '',
     is_staff TINYINT(1) NOT NULL DEFAULT 0, is_active TINYINT(1) NOT NULL DEFAULT 1, date_joined DATETIME(6) NOT NULL DEFAULT NOW(6))`,
  `auth_group (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(150) NOT NULL UNIQUE)`,
  `auth_user_groups (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, group_id INT NOT NULL, UNIQUE (user_id, group_id))`,
  `django_content_type (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, app_label VARCHAR(100) NOT NULL, model VARCHAR(100) NOT NULL)`,
  `auth_permission (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255) NOT NULL, content_type_id INT NOT NULL, codename VARCHAR(100) NOT NULL)`,
  `auth_user_user_permissions (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, permission_id INT NOT NULL)`,
  `auth_group_permissions (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, group_id INT NOT NULL, permission_id INT NOT NULL)`,
];

/** The database of a site that runs on Django, and what the site does to it. */
export interface DjangoSite {
  readonly secretKey: string;
  /** Address with a login that can read and nothing else. */
  readonly readerUrl: string;
  readonly db: Connection;
  addUser(username: string, more?: { email?: string; superuser?: boolean }): Promise<number>;
  /** @returns the group's id; the user is in it */
  addToGroup(userId: number, group: string): Promise<number>;
  /** @returns the value of the cookie `sessionid` */
  logIn(userId: number, more?: { compress?: boolean; seconds?: number; key?: string }): Promise<string>;
  logOut(cookie: string): Promise<void>;
  changePassword(userId: number): Promise<void>;
  /** Nobody can read it until `comesBack`. */
  goesDown(): Promise<void>;
  comesBack(): Promise<void>;
  close(): Promise<void>;
}

export async function djangoSite(): Promise<DjangoSite> {
  const { host, port, rootUser, rootPassword } = await sharedMariadb();
  const fresh = await freshDatabase();
  const db = await mysql.createConnection({
    host,
    port,
    user: rootUser,
    password: rootPassword,
    database: fresh.database,
  });
  const reader = `reader_${randomBytes(4).toString('hex')}`;
  const readerPassword = `p@ss/${randomBytes(8).toString('hex')}`;
  const secretKey = randomBytes(32).toString('base64');
  for (const table of TABLES) await db.query(`CREATE TABLE ${table} ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`);
  await db.query(`CREATE USER '${reader}'@'%' IDENTIFIED BY '${readerPassword}'`);
  await db.query(`GRANT SELECT ON ${fresh.database}.* TO '${reader}'@'%'`);
  const dropReader = leftovers.track(`user ${reader}`, async () => void (await db.query(`DROP USER '${reader}'@'%'`)));
  const insert = async (sql: string, values: unknown[]) =>
    (await db.query<mysql.ResultSetHeader>(sql, values))[0].insertId;

  return {
    ...{ secretKey, db },
    readerUrl: `mysql://${reader}:${encodeURIComponent(readerPassword)}@${host}:${port}/${fresh.database}`,
    addUser: (username, { email = '', superuser = false } = {}) =>
      insert('INSERT INTO auth_user (username, first_name, email, password, is_superuser) VALUES (?)', [
        [username, username.toUpperCase(), email, randomBytes(20).toString('hex'), superuser],
      ]),
    async addToGroup(userId, group) {
      await db.query('INSERT IGNORE INTO auth_group (name) VALUES (?)', [group]);
      const [[found]] = await db.query<mysql.RowDataPacket[]>('SELECT id FROM auth_group WHERE name = ?', [group]);
      const id = (found as { id: number }).id;
      await insert('INSERT INTO auth_user_groups (user_id, group_id) VALUES (?)', [[userId, id]]);
      return id;
    },
    async logIn(userId, { compress = false, seconds = 3600, key = secretKey } = {}) {
      const [[user]] = await db.query<mysql.RowDataPacket[]>('SELECT password FROM auth_user WHERE id = ?', [userId]);
      const cookie = randomBytes(16).toString('hex');
      const login = {
        _auth_user_id: String(userId),
        _auth_user_backend: 'django.contrib.auth.backends.ModelBackend',
        _auth_user_hash: saltedHmac(LOGIN_SALT, (user as { password: string }).password, key).toString('hex'),
        ...(compress && { cart: Array<string>(50).fill('the same') }),
      };
      await db.query('INSERT INTO django_session VALUES (?, ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)', [
        ...[cookie, signed(login, key, compress), seconds],
      ]);
      return cookie;
    },
    logOut: async (cookie) => void (await db.query('DELETE FROM django_session WHERE session_key = ?', [cookie])),
    changePassword: async (userId) =>
      void (await db.query('UPDATE auth_user SET password = ? WHERE id = ?', [
        randomBytes(20).toString('hex'),
        userId,
      ])),
    async goesDown() {
      await db.query(`ALTER USER '${reader}'@'%' ACCOUNT LOCK`);
      const [open] = await db.query<mysql.RowDataPacket[]>(
        'SELECT id FROM information_schema.processlist WHERE user = ?',
        [reader],
      );
      for (const { id } of open) await db.query('KILL ?', [id]).catch(() => undefined);
    },
    comesBack: async () => void (await db.query(`ALTER USER '${reader}'@'%' ACCOUNT UNLOCK`)),
    async close() {
      await dropReader();
      await db.end();
      await fresh.drop();
    },
  };
}

const LOGIN_SALT = 'django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash';

/** As `django.core.signing.dumps` does it. */
function signed(value: unknown, key: string, compress: boolean): string {
  const json = Buffer.from(JSON.stringify(value));
  const data = compress ? `.${deflateSync(json).toString('base64url')}` : json.toString('base64url');
  const text = `${data}:${base62(Math.floor(Date.now() / 1000))}`;
  return `${text}:${saltedHmac('django.contrib.sessions.SessionStoresigner', text, key).toString('base64url')}`;
}

function saltedHmac(salt: string, value: string, key: string): Buffer {
  return createHmac(
    'sha256',
    createHash('sha256')
      .update(salt + key)
      .digest(),
  )
    .update(value)
    .digest();
}

function base62(number: number): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return number === 0 ? '' : base62(Math.floor(number / 62)) + digits.charAt(number % 62);
}
