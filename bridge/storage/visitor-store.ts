import { chatLane } from '../domain/helpdesk-events.js';
import { accountLane, helpdeskLane, mailLane } from '../domain/outbox/lane.js';
import type { Visitor } from '../domain/visitors/visitor.js';
import type { ChatOfVisitor, VisitorStore } from '../domain/visitors/visitor-store.js';
import { VISITOR_COLUMNS, toVisitor } from './rows.js';
import { rows, type Pool, type Statement } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Browsers in which one member is signed in at a time. */
const MEMBER_BROWSERS = 20;

export function visitorStore(work: UnitOfWork): VisitorStore {
  const lockOne = async (id: number) => {
    const known = work.visitors.find(id);
    if (known) return known;
    const [row] = await work.select(`SELECT ${VISITOR_COLUMNS} FROM visitors WHERE visitors.id = ? FOR UPDATE`, [id]);
    return row && work.visitors.add(toVisitor(row));
  };
  const byAccount = new Map<number, Visitor | undefined>();
  const readAccounts = async (accountIds: readonly number[]) => {
    if (accountIds.length === 0) return;
    for (const id of accountIds) byAccount.set(id, undefined);
    const found = await work.select(`SELECT ${VISITOR_COLUMNS} FROM visitors WHERE visitors.account_id IN (?)`, [
      accountIds,
    ]);
    for (const visitor of found.map(toVisitor))
      if (visitor.accountId !== null) byAccount.set(visitor.accountId, visitor);
  };
  return {
    lock: lockOne,
    async create({ instanceId, deskId, externalId }) {
      const id = await work.insert('INSERT INTO visitors (instance_id, desk_id, external_id, created_at) VALUES (?)', [
        [instanceId, deskId, externalId, work.now],
      ]);
      const [row] = await work.select(`SELECT ${VISITOR_COLUMNS} FROM visitors WHERE visitors.id = ?`, [id]);
      if (!row) throw new Error(`Visitor ${id} vanished while it was made`);
      return work.visitors.addNew(toVisitor(row));
    },
    async peek(id) {
      const known = work.visitors.find(id);
      if (known) return known;
      const [row] = await work.select(`SELECT ${VISITOR_COLUMNS} FROM visitors WHERE visitors.id = ?`, [id]);
      return row && toVisitor(row);
    },
    async byExternalId(instanceId, externalId) {
      const [row] = await work.select(
        'SELECT visitors.id FROM visitors WHERE visitors.instance_id = ? AND visitors.external_id = ?',
        [instanceId, externalId],
      );
      return row && lockOne(row['id'] as number);
    },
    async byAccount(accountId) {
      if (!byAccount.has(accountId)) await readAccounts([accountId]);
      const read = byAccount.get(accountId);
      return read && (work.visitors.find(read.id) ?? read);
    },
    async readByAccounts(accountIds) {
      await readAccounts(accountIds.filter((id) => !byAccount.has(id)));
    },
    async setToken(id, tokenHash, days) {
      await work.write('UPDATE visitors SET token_hash = ?, token_expires_at = NOW(3) + INTERVAL ? DAY WHERE id = ?', [
        tokenHash,
        days,
        id,
      ]);
    },
    revokeToken(id) {
      work.later(
        'UPDATE visitors SET token_hash = NULL, token_expires_at = NULL, token_revoked_at = NOW(3) WHERE id = ?',
        [id],
      );
      work.later('DELETE FROM member_tokens WHERE visitor_id = ?', [id]);
      work.pending.revoked.push(id);
    },
    async addMemberToken(id, tokenHash, { hours, bySession }) {
      await work.write(
        'INSERT INTO member_tokens (visitor_id, token_hash, by_session, expires_at) VALUES (?, ?, ?, NOW(3) + INTERVAL ? HOUR)',
        [id, tokenHash, bySession ? 1 : 0, hours],
      );
      await work.write(
        `DELETE FROM member_tokens WHERE visitor_id = ? AND id NOT IN
           (SELECT id FROM (SELECT id FROM member_tokens WHERE visitor_id = ? ORDER BY id DESC LIMIT ?) AS newest)`,
        [id, id, MEMBER_BROWSERS],
      );
    },
    keepMemberToken(tokenHash, { hours, bySession }) {
      work.later(
        'UPDATE member_tokens SET by_session = ?, expires_at = NOW(3) + INTERVAL ? HOUR WHERE token_hash = ?',
        [bySession ? 1 : 0, hours, tokenHash],
      );
    },
    endMemberToken(tokenHash) {
      work.later('DELETE FROM member_tokens WHERE token_hash = ?', [tokenHash]);
    },
    setAddress(id, digest) {
      work.later('UPDATE visitors SET address = ? WHERE id = ?', [digest, id]);
    },
    async address(id) {
      const [row] = await work.select('SELECT visitors.address FROM visitors WHERE visitors.id = ?', [id]);
      return (row?.['address'] as Buffer | null) ?? undefined;
    },
    keepOnline(id, seconds) {
      work.later('UPDATE visitors SET online_until = NOW(3) + INTERVAL ? SECOND WHERE id = ?', [seconds, id]);
    },
    async chats(id) {
      const found = await work.select(
        'SELECT chats.id, chats.number, chats.instance_id, chats.account_id FROM chats WHERE chats.visitor_id = ? ORDER BY chats.id',
        [id],
      );
      return found.map((row) => ({
        ...{ id: row['id'], number: row['number'], instanceId: row['instance_id'], accountId: row['account_id'] },
      }));
    },
    eraseRecord: (visitor, chats, accounts) => eraseRecord(work, visitor, chats, accounts),
    async lockTimedOut(limit) {
      const found = await work.select(
        `SELECT ${VISITOR_COLUMNS} FROM visitors WHERE visitors.online = 1 AND visitors.online_until < NOW(3)
          ORDER BY visitors.id LIMIT ? FOR UPDATE SKIP LOCKED`,
        [limit],
      );
      return found.map((row) => work.visitors.add(toVisitor(row)));
    },
  };
}

/** Visitors whose token was revoked within the last seconds, by the database's clock. */
export async function revokedSince(pool: Pool, seconds: number): Promise<number[]> {
  const found = await rows(
    pool,
    'SELECT visitors.id FROM visitors WHERE visitors.token_revoked_at > NOW(3) - INTERVAL ? SECOND',
    [seconds],
  );
  return found.map((row) => row['id'] as number);
}

/** What a transaction has collected so far is written first, so that nothing of it comes after. */
async function eraseRecord(
  work: UnitOfWork,
  visitor: Visitor,
  chats: readonly ChatOfVisitor[],
  accounts: { own: readonly number[]; others: readonly number[] },
): Promise<void> {
  const ids = chats.map(({ id }) => id);
  const lanes = [
    ...chats.map(({ id, instanceId }) => helpdeskLane(instanceId, chatLane({ id }))),
    ...chats.map(({ id, instanceId }) => mailLane(instanceId, { chat: id })),
    ...[helpdeskLane(visitor.instanceId, `v${visitor.id}`)],
    ...accounts.own.map(accountLane),
  ];
  for (const table of ['outbox', 'dead_letters']) {
    await work.write(`DELETE FROM ${table} WHERE lane IN (?)`, [lanes]);
    if (accounts.others.length > 0 && ids.length > 0)
      await work.write(`DELETE FROM ${table} WHERE lane IN (?) AND JSON_EXTRACT(entry, '$.track.chatId') IN (?)`, [
        accounts.others.map(accountLane),
        ids,
      ]);
  }
  work.later(
    'UPDATE visitors SET erased_at = NOW(3), token_hash = NULL, token_expires_at = NULL, token_revoked_at = NOW(3), address = NULL WHERE id = ?',
    [visitor.id],
  );
  // The ban stays, as far as it is the visitor's alone; where it was and what was said of it goes.
  work.later("UPDATE bans SET address = NULL, reason = '' WHERE visitor_id = ?", [visitor.id]);
  work.later('DELETE FROM member_tokens WHERE visitor_id = ?', [visitor.id]);
  work.later('DELETE FROM offline_messages WHERE visitor_id = ?', [visitor.id]);
  work.pending.revoked.push(visitor.id);
  if (ids.length === 0) return;
  for (const table of ['messages', 'message_versions', 'feed', 'chat_texts', 'chat_notes'])
    work.later(`DELETE FROM ${table} WHERE chat_id IN (?)`, [ids]);
  work.later("UPDATE chat_ratings SET words = '' WHERE chat_id IN (?)", [ids]);
  work.later("UPDATE rooms SET subject = '' WHERE chat_id IN (?)", [ids]);
  work.later('UPDATE chats SET handover = NULL, redirect = NULL, answers = NULL WHERE id IN (?)', [ids]);
}

export function visitorUpdates(work: UnitOfWork): Statement[] {
  return work.visitors.changed().map((visitor) => ({
    sql: `UPDATE visitors SET desk_id = ?, external_id = ?, nick = ?, email = ?, language = ?, page_url = ?, page_title = ?, referrer = ?, user_agent = ?, custom = ?,
            greeted = ?, member = ?, site_groups = ?, account_id = ?, open_chat_id = ?, last_chat_id = ?, online = ? WHERE id = ?`,
    values: [
      visitor.deskId,
      visitor.externalId,
      visitor.nick,
      visitor.email,
      visitor.language,
      visitor.pageUrl,
      visitor.pageTitle,
      visitor.referrer,
      visitor.userAgent,
      Object.keys(visitor.custom).length === 0 ? null : JSON.stringify(visitor.custom),
      visitor.greeted.length === 0 ? null : JSON.stringify(visitor.greeted),
      visitor.member ? 1 : 0,
      visitor.groups.length === 0 ? null : JSON.stringify(visitor.groups),
      visitor.accountId,
      visitor.openChatId,
      visitor.lastChatId,
      visitor.online ? 1 : 0,
      visitor.id,
    ],
  }));
}
