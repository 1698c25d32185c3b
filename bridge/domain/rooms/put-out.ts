import { banVisitor, REASON_LENGTH } from '../bans/ban.js';
import { isOpen, type Chat } from '../chats/chat.js';
import { closeChat } from '../chats/close-chat.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { say } from '../texts/say.js';
import { addNote, NOTES_AT_MOST } from '../transcripts/annotations.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import { cleanLine } from '../../shared/text.js';
import { owner } from './make-room.js';
import { noteOnPage } from './room-notes.js';
import type { Room } from './room.js';
import type { RoomBan } from './store.js';

/** Why somebody is put out, and by whom. */
export interface PutOut {
  /** As in the audit. */
  actor: string;
  /** Undefined: a helpdesk. */
  by: Operator | undefined;
  /** One line that the visitor never sees; others in the room do. */
  reason: string;
}

export type Occupying =
  { who: 'visitor' } | { who: 'operator'; operator: Operator } | { who: 'foyer' } | { who: 'stranger' };

/** Whose account it is that is in the room. @param jid bare */
export async function whoIs(tx: Tx, room: Room, chat: Chat | undefined, jid: string): Promise<Occupying> {
  const { host, local } = splitJid(jid);
  const account = await tx.accounts.byJid(host, local);
  if (account === undefined) return { who: 'stranger' };
  if (account.id === room.accountId) return { who: 'foyer' };
  if (account.id === chat?.accountId) return { who: 'visitor' };
  const operator = await tx.operators.byAccount(account.id);
  return operator ? { who: 'operator', operator } : { who: 'stranger' };
}

/** The operator in a room under this nick. */
export async function operatorUnder(tx: Tx, room: Room, nick: string): Promise<Operator | undefined> {
  const found = (await tx.rooms.occupants(room.id)).find((one) => one.present && one.nick === nick);
  const who = found && (await whoIs(tx, room, undefined, bareJid(found.jid)));
  return who?.who === 'operator' ? who.operator : undefined;
}

/** The operator is put out, and may come back. The room must be locked. */
export async function kickOperator(tx: Tx, room: Room, operator: Operator, given: PutOut): Promise<void> {
  const reason = cleanLine(given.reason).slice(0, REASON_LENGTH);
  tx.outbox.toAccount(owner(room), {
    kind: 'room.put-out',
    room: room.id,
    user: userOf(operator),
    how: 'kick',
    reason,
  });
  await recordPutOut(tx, room, operator, 'room.kick', { ...given, reason });
}

/**
 * The operator is put out, and can't come back. The room must be locked.
 * @param seconds null: for as long as there is the room
 */
export async function banOperator(
  tx: Tx,
  room: Room,
  operator: Operator,
  given: PutOut,
  seconds: number | null,
): Promise<RoomBan> {
  const reason = cleanLine(given.reason).slice(0, REASON_LENGTH);
  const { actor } = given;
  const ban = await tx.rooms.ban({ roomId: room.id, operatorId: operator.id, reason, actor, seconds });
  tx.outbox.toAccount(owner(room), { kind: 'room.put-out', room: room.id, user: userOf(operator), how: 'ban', reason });
  await recordPutOut(tx, room, operator, 'room.ban', { ...given, reason });
  return ban;
}

/** The operator may be invited again. The room must be locked. */
export async function unbanOperator(tx: Tx, room: Room, ban: RoomBan, actor: string): Promise<void> {
  await tx.rooms.unban(ban.id);
  const operator = await tx.operators.get(ban.operatorId);
  if (!operator) return;
  const user = userOf(operator);
  tx.outbox.toAccount(owner(room), { kind: 'room.put-out', room: room.id, user, how: 'unban', reason: '' });
  audit(tx, room, 'room.unban', actor, { operator: operator.id });
}

/** Who put an operator out, and why: in the audit, and beside the chat that takes place in the room. */
export async function recordPutOut(
  tx: Tx,
  room: Room,
  operator: Operator,
  action: 'room.kick' | 'room.ban',
  { actor, by, reason }: PutOut,
): Promise<void> {
  audit(tx, room, action, actor, { operator: operator.id, reason });
  const chat = room.chatId === null ? undefined : await tx.chats.lock(room.chatId);
  if (chat) await note(tx, chat, by, action === 'room.ban' ? 'banned_note' : 'kicked_note', operator.name, reason);
}

/**
 * The visitor is put out: the chat is over, and its page says why. It may begin another one, unless it is banned. Chat and room must be locked.
 * @param ban `seconds` null: for good
 */
export async function putVisitorOut(
  tx: Tx,
  room: Room,
  chat: Chat,
  given: PutOut,
  ban?: { seconds: number | null },
): Promise<void> {
  if (!isOpen(chat)) return;
  const { actor, by } = given;
  const reason = cleanLine(given.reason).slice(0, REASON_LENGTH);
  const visitor = await tx.visitors.lock(chat.visitorId);
  const name = visitor?.nick ?? `Visitor ${chat.visitorId}`;
  await note(tx, chat, by, ban ? 'banned_note' : 'kicked_note', name, reason);
  // Of a ban the page tells by itself.
  if (ban && visitor) {
    await banVisitor(tx, visitor, { deskId: null, seconds: ban.seconds, reason, actor, by: 'operator' });
  } else await noteOnPage(tx, chat, { key: 'you_were_put_out' });
  await closeChat(tx, chat, by ? 'operator' : 'helpdesk');
  audit(tx, room, ban ? 'room.ban' : 'room.kick', actor, { visitor: chat.visitorId, reason });
}

async function note(
  tx: Tx,
  chat: Chat,
  by: Operator | undefined,
  key: 'kicked_note' | 'banned_note',
  name: string,
  reason: string,
): Promise<void> {
  if ((await tx.transcripts.countNotes(chat.id, 'note')) >= NOTES_AT_MOST) return;
  const text = say(by?.language ?? 'en', { key, values: { name, reason } });
  await addNote(tx, chat, by ?? 'Helpdesk', text.trim());
}

function audit(tx: Tx, room: Room, action: string, actor: string, details: Record<string, unknown>): void {
  tx.audit.add({ instanceId: room.instanceId, actor, action, subject: `room:${room.id}`, details });
}

function userOf({ jid }: Operator): string {
  return splitJid(jid).local;
}
