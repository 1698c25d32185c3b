import type { ChatStore, Participant } from '../domain/ports.js';
import { isOpen, type Chat } from '../domain/chats/chat.js';
import { CHAT_COLUMNS, toChat } from './rows.js';
import type { Statement } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

export function chatStore(work: UnitOfWork): ChatStore {
  return {
    async create(chat) {
      const {
        instanceId,
        visitorId,
        accountId,
        deskId,
        departmentId,
        state,
        initiator,
        operatorId,
        noContact = false,
        answers = [],
      } = chat;
      await work.write('UPDATE instances SET last_chat_number = LAST_INSERT_ID(last_chat_number + 1) WHERE id = ?', [
        instanceId,
      ]);
      const [counter] = await work.select('SELECT LAST_INSERT_ID() AS number');
      const number = Number(counter?.['number']);
      const acceptedAt = operatorId === null ? null : work.now;
      const id = await work.insert(
        'INSERT INTO chats (instance_id, number, visitor_id, account_id, desk_id, department_id, state, initiator, operator_id, no_contact, created_at, accepted_at, answers) VALUES (?)',
        [
          [
            instanceId,
            number,
            visitorId,
            accountId,
            deskId,
            departmentId,
            state,
            initiator,
            operatorId,
            noContact ? 1 : 0,
            work.now,
            acceptedAt,
            answers.length === 0 ? null : JSON.stringify(answers),
          ],
        ],
      );
      return work.chats.addNew({
        ...{
          id,
          instanceId,
          number,
          visitorId,
          accountId,
          deskId,
          departmentId,
          state,
          initiator,
          operatorId,
          roomId: null,
          acceptedAt,
          answers,
        },
        ...{ lastNumber: 0, feedNumber: 0, textBytes: 0, seenByVisitor: 0, seenByOperator: 0 },
        ...{ heldBy: null, ackedTo: 0, deliveredTo: 0 },
        ...{ createdAt: work.now, closedAt: null, closedBy: null },
        ...{ queuedAt: null, waitingSince: null, overflowed: false, noContact, wants: null },
        ...{ handover: null, redirect: null, position: null, waitSeconds: null, estimateSeconds: null },
      });
    },
    setOpener(id, opener) {
      work.later('UPDATE chats SET opener = ? WHERE id = ?', [opener, id]);
    },
    async lock(id) {
      const known = work.chats.find(id);
      if (known) return known;
      await lockChats(work, [id]);
      return work.chats.find(id);
    },
    async lockMany(ids) {
      await lockChats(work, ids);
    },
    async latestOfAccount(accountId) {
      const [row] = await work.select('SELECT MAX(chats.id) AS id FROM chats WHERE chats.account_id = ?', [accountId]);
      return (row?.['id'] as number | null) ?? undefined;
    },
    async participants(chatId) {
      const found = await work.select(
        'SELECT operator_id, role, sent_number FROM chat_participants WHERE chat_id = ?',
        [chatId],
      );
      const stored = new Map<number, Participant>(
        found.map((row) => [
          row['operator_id'],
          { operatorId: row['operator_id'], role: row['role'], sentNumber: row['sent_number'] },
        ]),
      );
      for (const [chat, operatorId, role, sentNumber] of work.pending.participants as [
        number,
        number,
        Participant['role'],
        number,
      ][]) {
        if (chat === chatId) stored.set(operatorId, { operatorId, role, sentNumber });
      }
      return [...stored.values()];
    },
    setParticipant(chatId, operatorId, role, sentNumber) {
      work.pending.participants.push([chatId, operatorId, role, sentNumber, work.now]);
    },
  };
}

/** Locks these chats by one statement, lowest id first; those that somebody else has locked are waited for, or left out. */
export async function lockChats(
  work: UnitOfWork,
  ids: readonly number[],
  others: '' | 'SKIP LOCKED' = '',
): Promise<void> {
  const missing = [...new Set(ids)].filter((id) => !work.chats.has(id));
  if (missing.length === 0) return;
  const found = await work.select(
    `SELECT ${CHAT_COLUMNS} FROM chats WHERE chats.id IN (?) ORDER BY chats.id FOR UPDATE ${others}`,
    [missing],
  );
  for (const row of found) work.chats.add(toChat(row));
}

const CHANGEABLE: readonly { column: string; of: (chat: Chat) => unknown }[] = [
  { column: 'account_id', of: (chat) => chat.accountId },
  { column: 'department_id', of: (chat) => chat.departmentId },
  { column: 'state', of: (chat) => chat.state },
  { column: 'operator_id', of: (chat) => chat.operatorId },
  { column: 'held_by', of: (chat) => chat.heldBy },
  { column: 'room_id', of: (chat) => chat.roomId },
  { column: 'last_number', of: (chat) => chat.lastNumber },
  { column: 'feed_number', of: (chat) => chat.feedNumber },
  { column: 'text_bytes', of: (chat) => chat.textBytes },
  { column: 'seen_by_visitor', of: (chat) => chat.seenByVisitor },
  { column: 'seen_by_operator', of: (chat) => chat.seenByOperator },
  { column: 'acked_to', of: (chat) => chat.ackedTo },
  { column: 'delivered_to', of: (chat) => chat.deliveredTo },
  { column: 'accepted_at', of: (chat) => chat.acceptedAt },
  { column: 'closed_at', of: (chat) => chat.closedAt },
  { column: 'closed_by', of: (chat) => chat.closedBy },
  { column: 'queued_at', of: (chat) => chat.queuedAt },
  { column: 'waiting_since', of: (chat) => chat.waitingSince },
  { column: 'overflowed', of: (chat) => (chat.overflowed ? 1 : 0) },
  { column: 'no_contact', of: (chat) => (chat.noContact ? 1 : 0) },
  { column: 'wants', of: (chat) => chat.wants },
  { column: 'handover', of: (chat) => chat.handover },
  { column: 'redirect', of: (chat) => chat.redirect },
  { column: 'position', of: (chat) => chat.position },
  { column: 'wait_seconds', of: (chat) => chat.waitSeconds },
  { column: 'estimate_seconds', of: (chat) => chat.estimateSeconds },
];

/** One statement for all changed chats: hundreds of chats a transaction cost hardly more than one. */
export function chatUpdates(work: UnitOfWork): Statement[] {
  const changed = work.chats.changed();
  if (changed.length === 0) return [];
  const cases = CHANGEABLE.map(({ column }) => `${column} = CASE id ${'WHEN ? THEN ? '.repeat(changed.length)}END`);
  const values = CHANGEABLE.flatMap(({ of }) => changed.flatMap((chat) => [chat.id, of(chat)]));
  const over = changed.filter((chat) => !isOpen(chat)).map((chat) => chat.id);
  // Where it was begun is of use only for as long as it is open.
  if (over.length > 0) cases.push('opener = IF(id IN (?), NULL, opener)');
  return [
    {
      sql: `UPDATE chats SET ${cases.join(', ')} WHERE id IN (?)`,
      values: [...values, ...(over.length > 0 ? [over] : []), changed.map((chat) => chat.id)],
    },
  ];
}
