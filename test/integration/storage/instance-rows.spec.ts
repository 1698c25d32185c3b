import { expect } from 'chai';
import { settleInstances, type SettleDeps } from '../../../bridge/domain/instances/settle-instances.js';
import { createHostingStore } from '../../../bridge/storage/hosting-store.js';
import { OTHER_TABLES, OWNED_TABLES } from '../../../bridge/storage/instance-tables.js';
import { rows, run, type Pool } from '../../../bridge/storage/pool.js';
import { MysqlTransactions } from '../../../bridge/storage/transactions.js';
import { SecretBox } from '../../../bridge/shared/box.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { Store } from './store.js';

/** More than one bounded piece has. */
const CHATS = 250;

describe('the rows of an instance', () => {
  let store: Store;

  before(async function () {
    this.timeout(60_000);
    store = await Store.open();
  });
  after(() => store.close());

  const tables = [...OWNED_TABLES.flatMap(({ table, children = [] }) => [table, ...children.map((one) => one.table)])];

  it('are known for every table that there is', async () => {
    const found = await rows(
      store.pool,
      'SELECT table_name AS t FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    expect([...tables, ...OTHER_TABLES, 'migrations']).to.have.members(found.map((row) => row['t'] as string));
  });

  it('go wholly and alone, by two processes at once, one of which is cut off', async function () {
    this.timeout(60_000);
    const [stays, goes] = [await fill(store.pool, 'stays'), await fill(store.pool, 'goes')];
    const before = await counts(store.pool, stays);
    expect(before['messages']).to.equal(2 * CHATS);
    await run(store.pool, "UPDATE instances SET state = 'destroying', settled = 0, state_since = NOW(3) WHERE id = ?", [
      goes,
    ]);
    const [first, second] = [store.newPool(), store.newPool()];
    // As soon as it has begun its connections are cut, in whatever statement it is.
    const cut = settleAll(first).catch(() => 'cut');
    await until(async () => Number((await counts(store.pool, goes))['chats']) < CHATS);
    const own = await rows(
      first,
      'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND command <> ?',
      ['Sleep'],
    );
    for (const { id } of own as unknown as { id: number }[])
      await run(store.pool, 'KILL ?', [id]).catch(() => undefined);
    await Promise.all([cut, settleAll(second), settleAll(store.pool)]);
    await settleAll(second);
    expect(await counts(store.pool, goes)).to.deep.equal(Object.fromEntries(tables.map((table) => [table, 0])));
    expect(await counts(store.pool, stays)).to.deep.equal(before);
    const [row] = await rows(store.pool, 'SELECT state, settled FROM instances WHERE id = ?', [goes]);
    expect(row).to.deep.include({ state: 'destroyed', settled: 1 });
    const audit = await rows(store.pool, 'SELECT action FROM audit WHERE instance_id = ?', [goes]);
    expect(audit.map(({ action }) => action as string)).to.deep.equal(['instance.destroyed']);
  });
});

/** What the job does, to its end; ejabberd has done what it was asked to. */
async function settleAll(pool: Pool): Promise<void> {
  const transactions = new MysqlTransactions({
    ...{
      pool,
      clock: systemClock,
      ids: randomIds,
      box: new SecretBox(Buffer.alloc(32)),
      mail: null,
      publicUrl: 'https://chat.example.org',
      onCommit: () => undefined,
    },
  });
  const deps: SettleDeps = { transactions, hosting: createHostingStore(pool) };
  while ((await deps.hosting.unsettled()).length > 0) {
    await settleInstances(deps);
    await run(pool, "UPDATE accounts SET state = 'removed' WHERE state = 'removing'");
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

/** An instance with something in most tables. @returns its id */
async function fill(pool: Pool, name: string): Promise<number> {
  const insert = async (sql: string, values: unknown[] = []) =>
    (await run(pool, `INSERT INTO ${sql}`, values)).insertId;
  const id = await insert("instances (name, display_name, host, created_at) VALUES (?, ?, 'x.org', NOW(3))", [
    name,
    name,
  ]);
  const department = await insert("departments (instance_id, name, created_at) VALUES (?, 'Support', NOW(3))", [id]);
  await insert(
    "desks (instance_id, desk_key, name, department_id, allowed_origins, texts, created_at) VALUES (?, 'main', 'Desk', ?, '[]', '{}', NOW(3))",
    [id, department],
  );
  await insert(
    "routing_rules (instance_id, position, name, conditions, department_id, skills) VALUES (?, 1, 'Rule', '{}', ?, '{}')",
    [id, department],
  );
  await insert("department_hours (department_id, instance_id, hours, changed_at) VALUES (?, ?, '{}', NOW(3))", [
    department,
    id,
  ]);
  const account = await insert(
    "accounts (instance_id, kind, local, host, name, roster_group, password_box, last_used_at, created_at) VALUES (?, 'operator', ?, 'x.org', 'Anna', ?, 'x', NOW(3), NOW(3))",
    [id, `anna.${name}`, `operators.${name}`],
  );
  const operator = await insert("operators (instance_id, account_id, name, created_at) VALUES (?, ?, 'Anna', NOW(3))", [
    id,
    account,
  ]);
  await insert('operator_departments (operator_id, department_id) VALUES (?, ?)', [operator, department]);
  await insert(
    "operator_presence (operator_id, show_state, status, priority, resources, reported_at, confirmed_at) VALUES (?, 'offline', '', 0, 0, NOW(3), NOW(3))",
    [operator],
  );
  const visitor = await insert('visitors (instance_id, created_at) VALUES (?, NOW(3))', [id]);
  await insert(
    `chats (instance_id, number, visitor_id, account_id, department_id, state, initiator, created_at) SELECT ?, seq, ?, ?, ?, 'closed', 'visitor', NOW(3) FROM seq_1_to_${CHATS}`,
    [id, visitor, account, department],
  );
  for (const number of [1, 2])
    await insert(
      "messages (chat_id, number, instance_id, sender, text, sender_key, created_at) SELECT chats.id, ?, ?, 'visitor', 'Hello', ?, NOW(3) FROM chats WHERE chats.instance_id = ?",
      [number, id, `k${number}`, id],
    );
  await insert(
    "feed (chat_id, number, kind, data, created_at) SELECT chats.id, 1, 'chat', '{}', NOW(3) FROM chats WHERE chats.instance_id = ?",
    [id],
  );
  await insert("chat_texts (chat_id, text) SELECT chats.id, 'Hello' FROM chats WHERE chats.instance_id = ?", [id]);
  await insert(
    "chat_notes (chat_id, author, text, created_at) SELECT chats.id, 'Anna', 'Note', NOW(3) FROM chats WHERE chats.instance_id = ?",
    [id],
  );
  await insert(
    "offers (instance_id, department_id, chat_id, operator_id, kind, state, offered_at) SELECT ?, ?, chats.id, ?, 'all', 'accepted', NOW(3) FROM chats WHERE chats.instance_id = ?",
    [id, department, operator, id],
  );
  await insert("lanes (name, target, instance_id) VALUES (?, 'helpdesk', ?)", [`h:${id}:c1`, id]);
  await insert("outbox (lane, entry, created_at) VALUES (?, '{}', NOW(3))", [`h:${id}:c1`]);
  await insert("receipts (source, id, received_at) VALUES (?, 'one', NOW(3))", [`helpdesk:${id}`]);
  await insert(
    "audit (instance_id, at, actor, action, subject, details) VALUES (?, NOW(3), 'cli', 'desk.create', 'desk:1', '{}')",
    [id],
  );
  return id;
}

/** Of each table. */
async function counts(pool: Pool, instanceId: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const count = async (table: string, condition: string) =>
    Number((await rows(pool, `SELECT COUNT(*) AS count FROM ${table} WHERE ${condition}`, [instanceId]))[0]?.['count']);
  for (const { table, key, children = [] } of OWNED_TABLES) {
    found[table] = await count(table, 'instance_id = ?');
    for (const child of children) {
      const orphaned = `${child.column} NOT IN (SELECT ${key} FROM ${table})`;
      const owned = `${child.column} IN (SELECT ${key} FROM ${table} WHERE instance_id = ?)`;
      found[child.table] = await count(child.table, `(${owned} OR ${orphaned})`);
    }
  }
  return found;
}
