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
    const known = new Set([...tables, ...OTHER_TABLES, 'migrations']);
    expect([...known]).to.have.members(found.map((row) => row['t'] as string));
  });

  it('are exported with every column but those that are secret, or follow from others', async () => {
    const id = await fill(store.pool, 'shown');
    const shown = new Map<string, Set<string>>();
    for await (const { table, row } of createHostingStore(store.pool).export(id))
      shown.set(table, new Set([...(shown.get(table) ?? []), ...Object.keys(row)]));
    const exported = OWNED_TABLES.filter(({ derived }) => derived !== true).flatMap(({ table, children = [] }) => [
      table,
      ...children.filter(({ derived }) => derived !== true).map((child) => child.table),
    ]);
    expect([...shown.keys()]).to.have.members([...exported, 'instances', 'audit']);
    const columns = await rows(
      store.pool,
      `SELECT table_name AS t, column_name AS c FROM information_schema.columns
        WHERE table_schema = DATABASE() AND data_type NOT IN ('binary', 'varbinary')`,
    );
    for (const [table, names] of shown)
      expect([...names], table).to.include.members(columns.filter(({ t }) => t === table).map(({ c }) => c as string));
  });

  it('go wholly and alone, by two processes at once, one of which is cut off', async function () {
    this.timeout(60_000);
    const [stays, goes] = [await fill(store.pool, 'stays'), await fill(store.pool, 'goes')];
    const before = await counts(store.pool, stays);
    expect(before['messages']).to.equal(2 * CHATS);
    expect(Object.entries(before).filter(([, count]) => count === 0)).to.deep.equal([]);
    const elsewhere = await inAllTables(store.pool, stays);
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
    expect(await inAllTables(store.pool, goes)).to.deep.equal({ audit: 1 });
    const typed = await rows(store.pool, "SELECT id FROM receipts WHERE source LIKE 'typed:%'");
    expect(typed.length, 'of the two that stay').to.equal(2);
    expect(await inAllTables(store.pool, stays)).to.deep.equal(elsewhere);
    const [row] = await rows(store.pool, 'SELECT * FROM instances WHERE id = ?', [goes]);
    expect(row).to.deep.include({ name: 'goes', display_name: 'goes', state: 'destroyed', settled: 1 });
    expect(row).to.deep.include({
      identity_secrets_box: null,
      max_operators: null,
    });
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
    const gone = "SELECT instances.id FROM instances WHERE instances.state = 'destroying'";
    await run(pool, `DELETE FROM outbox WHERE lane LIKE 'a:%' AND instance_id IN (${gone})`);
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

/** An instance with something in most tables. @returns its id */
async function fill(pool: Pool, name: string): Promise<number> {
  const insert = async (sql: string, values: unknown[] = []) =>
    (await run(pool, `INSERT INTO ${sql}`, values)).insertId;
  const id = await insert(
    `instances (name, display_name, host, identity_secrets_box, max_operators, created_at)
       VALUES (?, 'Its title', 'x.org', 'x', 5, NOW(3))`,
    [name],
  );
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
  const chat = await insert(
    "chats (instance_id, number, visitor_id, account_id, department_id, state, initiator, created_at) VALUES (?, 0, ?, ?, ?, 'closed', 'visitor', NOW(3))",
    [id, visitor, account, department],
  );
  const room = await insert(
    "rooms (instance_id, account_id, purpose, name, service, password_box, title, max_occupants, state, state_since, created_at) VALUES (?, ?, 'group', ?, 'c.x.org', 'x', 'Room', 5, 'closed', NOW(3), NOW(3))",
    [id, account, `foyer-${name}`],
  );
  const [desk] = await rows(pool, 'SELECT id FROM desks WHERE instance_id = ?', [id]);
  // What else there is, each once: chat, operator, visitor, room, department, desk.
  const names = { id, chat, operator, visitor, room, department, desk: desk?.['id'] as number, name };
  for (const sql of REST)
    await run(pool, `INSERT INTO ${sql.replace(/:(\w+)/g, (_, one: keyof typeof names) => pool.escape(names[one]))}`);
  await insert("lanes (name, target, instance_id) VALUES (?, 'helpdesk', ?)", [`h:${id}:c1`, id]);
  await insert("outbox (lane, entry, instance_id, created_at) VALUES (?, '{}', ?, NOW(3))", [`h:${id}:c1`, id]);
  await insert("receipts (source, id, received_at) VALUES (?, 'one', NOW(3))", [`helpdesk:${id}`]);
  await insert(
    "audit (instance_id, at, actor, action, subject, details) VALUES (?, NOW(3), 'cli', 'desk.create', 'desk:1', '{}')",
    [id],
  );
  return id;
}

const REST = [
  "message_versions (chat_id, number, version, text, replaced_at) VALUES (:chat, 1, 1, 'Old', NOW(3))",
  "chat_participants (chat_id, operator_id, role, sent_number, joined_at) VALUES (:chat, :operator, 'owner', 0, NOW(3))",
  "chat_tags (chat_id, tag, instance_id, tagged_at) VALUES (:chat, 'tag', :id, NOW(3))",
  "chat_ratings (chat_id, instance_id, score, words, rated_at) VALUES (:chat, :id, 5, 'Good', NOW(3))",
  "mails (id, instance_id, chat_id, sender_key, address_hash, asked_at) VALUES (LEFT(CONCAT(:name, REPEAT('x', 26)), 26), :id, :chat, 'k', REPEAT('x', 32), NOW(3))",
  "reminders (chat_id, side, about, operator_id, times, last_at) VALUES (:chat, 'visitor', 1, :operator, 1, NOW(3))",
  "room_states (room_id, number, state, reason, at) VALUES (:room, 1, 'closed', '', NOW(3))",
  "room_bans (room_id, operator_id, reason, actor, created_at) VALUES (:room, :operator, 'why', 'cli', NOW(3))",
  "room_typists (room_id, name, since) VALUES (:room, 'Anna', NOW(3))",
  "supervisions (instance_id, chat_id, operator_id, kind, began_at) VALUES (:id, :chat, :operator, 'watch', NOW(3))",
  'room_members (room_id, operator_id) VALUES (:room, :operator)',
  "room_messages (room_id, instance_id, author_name, text, sender_key, created_at) VALUES (:room, :id, 'Anna', 'Hello', 'k', NOW(3))",
  "room_occupants (room_id, jid_hash, jid, nick, role, present, reported_at) VALUES (:room, REPEAT('x', 16), 'anna@x.org/1', 'Anna', 'moderator', 1, NOW(3))",
  "offline_messages (instance_id, visitor_id, desk_id, department_id, name, email, text, client_id, created_at) VALUES (:id, :visitor, :desk, :department, 'Vera', 'v@x.org', 'Later', 'c', NOW(3))",
  "member_tokens (visitor_id, token_hash, expires_at) VALUES (:visitor, LEFT(CONCAT(:name, REPEAT('x', 32)), 32), NOW(3))",
  "operator_sessions (instance_id, operator_id, kind, secret_hash, created_at, expires_at) VALUES (:id, :operator, 'link', LEFT(CONCAT(:name, REPEAT('x', 32)), 32), NOW(3), NOW(3))",
  "dead_letters (id, lane, target, instance_id, entry, attempts, reason, created_at, died_at) VALUES (:id, 'a:1', 'account', :id, '{}', 1, 'x', NOW(3), NOW(3))",
  "rejected_events (id, instance_id, host, code, reason, event, received_at) VALUES (:name, :id, 'x.org', 'internal', 'x', '{}', NOW(3))",
  'room_pools (department_id, instance_id, size, max_rooms, max_per_operator, max_occupants, allocation_seconds) VALUES (:department, :id, 0, 5, 5, 5, 60)',
  'pool_accounts (instance_id, desk_id) VALUES (:id, :desk)',
  "canned_replies (instance_id, name, text, translations, created_at, updated_at) VALUES (:id, 'hi', 'Hello', '{}', NOW(3), NOW(3))",
  "bans (instance_id, visitor_id, reason, actor, created_at) VALUES (:id, :visitor, 'why', 'cli', NOW(3))",
  "api_keys (instance_id, name, prefix, key_hash, scopes, created_at) VALUES (:id, 'key', 'foyer_', LEFT(CONCAT(:name, REPEAT('x', 32)), 32), 'chats', NOW(3))",
  "receipts (source, id, received_at) VALUES (CONCAT('commands:', :operator), 'one', NOW(3)), (CONCAT('typed:', :operator), 'one', NOW(3))",
];

/** Rows that say whose they are, by every table that can. */
async function inAllTables(pool: Pool, instanceId: number): Promise<Record<string, number>> {
  const able = await rows(
    pool,
    "SELECT table_name AS t FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'instance_id'",
  );
  const found: Record<string, number> = {};
  for (const { t } of able) {
    const sql = `SELECT COUNT(*) AS count FROM ${t as string} WHERE instance_id = ?`;
    const count = Number((await rows(pool, sql, [instanceId]))[0]?.['count']);
    if (count > 0) found[t as string] = count;
  }
  return found;
}

/** Of each table. */
async function counts(pool: Pool, instanceId: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const count = async (table: string, condition: string) =>
    Number((await rows(pool, `SELECT COUNT(*) AS count FROM ${table} WHERE ${condition}`, [instanceId]))[0]?.['count']);
  for (const { table, key, children = [] } of OWNED_TABLES) {
    found[table] = await count(table, 'instance_id = ?');
    for (const { table: child, column, prefix } of children) {
      const name = prefix === undefined ? key : `CONCAT('${prefix}', ${key})`;
      const orphaned = `${column} NOT IN (SELECT ${name} FROM ${table})${prefix === undefined ? '' : ` AND ${column} LIKE '${prefix}%'`}`;
      const owned = `${column} IN (SELECT ${name} FROM ${table} WHERE instance_id = ?)`;
      found[child] = (found[child] ?? 0) + (await count(child, `(${owned} OR ${orphaned})`));
    }
  }
  return found;
}
