import type { Account } from '../domain/accounts/account.js';
import { isInstanceName } from '../domain/accounts/jid-names.js';
import type { ExportedRow, HostingStore, InstanceView } from '../domain/instances/hosting.js';
import type { Countable, Instance } from '../domain/instances/instance.js';
import { COUNTED } from './instance-store.js';
import { OWNED_TABLES, type OwnedTable } from './instance-tables.js';
import { readRows, rows, run, type Pool, type Row } from './pool.js';
import { OPEN_ROOMS } from './room-store.js';
import { ACCOUNT_COLUMNS, INSTANCE_COLUMNS, toAccount, toInstance } from './rows.js';

/** Rows of a table that one statement reads or deletes: short locks, however much there is. */
const AT_ONCE = 1_000;
/** Rows whose children are deleted together. */
const PARENTS = 100;
/** Instances that one look for work finds. */
const INSTANCES = 50;

const LIMITS = Object.keys(COUNTED) as Countable[];
const VIEW_COLUMNS = `${INSTANCE_COLUMNS}, instances.display_name, instances.created_at, instances.state_since, instances.settled, instances.retention_days`;

export function createHostingStore(pool: Pool): HostingStore {
  const accounts = async (condition: string, values: unknown[]): Promise<Account[]> =>
    (
      await rows(pool, `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE accounts.instance_id = ? ${condition}`, values)
    ).map(toAccount);
  return {
    async list(after = '', limit) {
      const found = await readRows(
        pool,
        `SELECT ${VIEW_COLUMNS} FROM instances WHERE instances.name > ? AND instances.state <> 'destroyed' ORDER BY instances.name LIMIT ?`,
        [after, limit],
      );
      return Promise.all(found.map((row) => toView(pool, row)));
    },
    async view(name) {
      if (!isInstanceName(name)) return undefined;
      const [row] = await readRows(pool, `SELECT ${VIEW_COLUMNS} FROM instances WHERE instances.name = ?`, [name]);
      return row && toView(pool, row);
    },
    async unsettled() {
      const found = await rows(
        pool,
        `SELECT ${INSTANCE_COLUMNS}, TIMESTAMPDIFF(SECOND, instances.state_since, NOW(3)) AS seconds FROM instances
          WHERE instances.settled = 0 ORDER BY instances.id LIMIT ?`,
        [INSTANCES],
      );
      return found.map((row) => ({ instance: toInstance(row), seconds: Number(row['seconds']) }));
    },
    async openChats(instanceId, limit) {
      const found = await rows(pool, `SELECT chats.id, chats.visitor_id FROM ${COUNTED.openChats} LIMIT ?`, [
        ...[instanceId, limit],
      ]);
      return found.map((row) => ({ id: row['id'] as number, visitorId: row['visitor_id'] as number }));
    },
    async onlineVisitors(instanceId, limit) {
      const found = await rows(pool, `SELECT visitors.id FROM ${COUNTED.visitorsOnline} LIMIT ?`, [instanceId, limit]);
      return found.map((row) => row['id'] as number);
    },
    openAccounts: (id, limit) =>
      accounts("AND accounts.kind = 'operator' AND accounts.state IN ('wanted', 'ready') LIMIT ?", [id, limit]),
    lockedAccounts: (id) => accounts("AND accounts.kind = 'operator' AND accounts.state = 'locked'", [id]),
    accountsToRemove: (id, limit) =>
      accounts(
        `AND accounts.state <> 'removed' AND NOT (accounts.state = 'removing' AND EXISTS (
           SELECT 1 FROM outbox WHERE outbox.lane = CONVERT(CONCAT('a:', accounts.id) USING ascii) COLLATE ascii_bin)) LIMIT ?`,
        [id, limit],
      ),
    async roomPools(id) {
      const sql = 'SELECT room_pools.department_id FROM room_pools WHERE room_pools.instance_id = ?';
      return (await rows(pool, sql, [id])).map((row) => row['department_id'] as number);
    },
    async openRooms(id, limit) {
      const sql = `SELECT rooms.id FROM rooms WHERE rooms.instance_id = ? AND rooms.state IN (${OPEN_ROOMS}) LIMIT ?`;
      return (await rows(pool, sql, [id, limit])).map((row) => row['id'] as number);
    },
    async isWaiting(id) {
      const sql = "SELECT outbox.id FROM outbox WHERE outbox.instance_id = ? AND outbox.lane LIKE 'a:%' LIMIT 1";
      return (await rows(pool, sql, [id])).length > 0;
    },
    hasAccounts: async (id) => (await accounts("AND accounts.state <> 'removed' LIMIT 1", [id])).length > 0,
    deleteRows: (instance) => deleteRows(pool, instance),
    export: (instanceId) => exportRows(pool, instanceId),
  };
}

async function toView(pool: Pool, row: Row): Promise<InstanceView> {
  const instance = toInstance(row);
  const counts = await Promise.all(
    LIMITS.map(async (what) => {
      const [found] = await readRows(pool, `SELECT COUNT(*) AS count FROM ${COUNTED[what]}`, [instance.id]);
      return [what, Number(found?.['count'])];
    }),
  );
  return {
    instance,
    displayName: row['display_name'],
    createdAt: row['created_at'],
    stateSince: row['state_since'],
    settled: row['settled'] === 1,
    retentionDays: row['retention_days'],
    usage: Object.fromEntries(counts) as InstanceView['usage'],
  };
}

async function deleteRows(pool: Pool, instance: Instance): Promise<number> {
  for (const owned of OWNED_TABLES) {
    const count = await deleteFrom(pool, owned, instance.id);
    if (count > 0) return count;
  }
  for (const [from, values] of otherRows(instance)) {
    const { affectedRows } = await run(pool, `DELETE FROM ${from} LIMIT ?`, [...values, AT_ONCE]);
    if (affectedRows > 0) return affectedRows;
  }
  return 0;
}

/** What says by other words than a number whose it is. */
function otherRows({ id }: Instance): [from: string, values: unknown[]][] {
  return [
    ['receipts WHERE receipts.source = ?', [`helpdesk:${id}`]],
    ["audit WHERE audit.instance_id = ? AND audit.action NOT LIKE 'instance.%'", [id]],
  ];
}

async function deleteFrom(pool: Pool, { table, key, children = [] }: OwnedTable, instanceId: number): Promise<number> {
  const found = await rows(pool, `SELECT ${key} AS name FROM ${table} WHERE instance_id = ? ORDER BY ${key} LIMIT ?`, [
    ...[instanceId, children.length > 0 ? PARENTS : AT_ONCE],
  ]);
  if (found.length === 0) return 0;
  const names = found.map((row) => row['name'] as unknown);
  for (const { table: child, column, prefix } of children) {
    const theirs = prefix === undefined ? names : names.map((one) => `${prefix}${String(one)}`);
    for (let left = AT_ONCE; left === AT_ONCE;)
      left = (await run(pool, `DELETE FROM ${child} WHERE ${column} IN (?) LIMIT ?`, [theirs, AT_ONCE])).affectedRows;
  }
  await run(pool, `DELETE FROM ${table} WHERE instance_id = ? AND ${key} IN (?)`, [instanceId, names]);
  return names.length;
}

async function* exportRows(pool: Pool, instanceId: number): AsyncIterable<ExportedRow> {
  const [own] = await rows(pool, 'SELECT * FROM instances WHERE instances.id = ?', [instanceId]);
  if (own) yield shown('instances', own);
  for (const owned of OWNED_TABLES) {
    if (owned.derived !== true) yield* exportTable(pool, owned, instanceId);
  }
  yield* exportTable(pool, { table: 'audit', key: 'id' }, instanceId);
}

async function* exportTable(
  pool: Pool,
  { table, key, children = [] }: OwnedTable,
  instanceId: number,
): AsyncIterable<ExportedRow> {
  for (let after: unknown = 0; ;) {
    const found = await rows(
      pool,
      `SELECT * FROM ${table} WHERE instance_id = ? AND ${key} > ? ORDER BY ${key} LIMIT ?`,
      [instanceId, after, AT_ONCE],
    );
    for (const row of found) {
      yield shown(table, row);
      for (const { derived, table: child, column, order = column } of children) {
        if (derived === true) continue;
        for (let from = 0, left = AT_ONCE; left === AT_ONCE; from += AT_ONCE) {
          const sql = `SELECT * FROM ${child} WHERE ${column} = ? ORDER BY ${order} LIMIT ? OFFSET ?`;
          const own = await rows(pool, sql, [row[key], AT_ONCE, from]);
          for (const one of own) yield shown(child, one);
          left = own.length;
        }
      }
    }
    after = found.at(-1)?.[key];
    if (found.length < AT_ONCE) return;
  }
}

/** Columns of passwords, secrets, and digests of them. */
const SECRET = /_box$|_hash$|^opener$/;

/** Without what is secret, by its name or because it is binary. */
function shown(table: string, row: Row): ExportedRow {
  return {
    table,
    row: Object.fromEntries(
      Object.entries(row).filter(([name, value]) => !SECRET.test(name) && !Buffer.isBuffer(value)),
    ),
  };
}
