import { isOpen, type Chat } from '../chats/chat.js';
import type { ChatLimits } from '../chats/limits.js';
import { textBytes } from '../chats/message.js';
import { notifyAboutChat } from '../chats/notify-operator.js';
import { correct } from '../chats/post-operator-message.js';
import { chatLane, messageData } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { bareJid } from '../../shared/jid.js';
import { cleanText, cut } from '../../shared/text.js';
import { tellGroupMessage } from './group-callbacks.js';
import { isOpenRoom, type Room } from './room.js';
import { noteOnPage } from './room-notes.js';

/** What an occupant said: to all, or in private to the visitor. */
export interface RoomMessageReport {
  /** Who said it, where that is an operator whom Foyer knows. */
  operator: Operator | undefined;
  nick: string;
  text: string;
  /** The same one again is the same message. */
  senderKey: string;
  stanzaId: string;
  writtenAt: Date;
  /** XEP-0308: the stanza that this one replaces. */
  replaces?: string | undefined;
}

/** What people say in a chat's room goes into the record and onto the page; in a group's, to its helpdesk. What nobody would read isn't kept. */
export async function postRoomMessage(tx: Tx, limits: ChatLimits, room: Room, sent: RoomMessageReport): Promise<void> {
  const text = cleanText(sent.text);
  if (text.trim() === '' || !isOpenRoom(room)) return;
  if (room.purpose === 'group') return postInGroup(tx, room, { ...sent, text });
  const chat = room.chatId === null ? undefined : await tx.chats.lock(room.chatId);
  if (!chat || !isOpen(chat) || chat.roomId !== room.id) return;
  if ((await tx.messages.bySenderKeys(chat.id, [sent.senderKey])).length > 0) return;
  const { operator, replaces } = sent;
  const said = { ...sent, text, receiptRequested: false, markable: false };
  if (operator && replaces !== undefined && (await correct(tx, limits, chat, operator, { ...said, replaces }))) return;
  if (textBytes(text) > limits.messageBytes || chat.textBytes + textBytes(text) > limits.chatBytes) {
    if (operator) notifyAboutChat(tx, chat, operator, { key: 'chat_full' });
    return;
  }
  const message = tx.messages.append(chat, {
    ...{ sender: 'operator', operatorId: operator?.id ?? null, authorName: operator ? null : cut(sent.nick, 200) },
    ...{ text, senderKey: sent.senderKey, stanzaId: sent.stanzaId === '' ? undefined : sent.stanzaId },
    writtenAt: sent.writtenAt < tx.now ? sent.writtenAt : tx.now,
  });
  await tellOwner(tx, room, chat, sent, text);
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl !== null)
    tx.outbox.toHelpdesk(instance, chatLane(chat), 'operator.message', await messageData(tx, chat, message));
}

/** The owner who stayed in the contact's window reads there what others say in the room. */
async function tellOwner(tx: Tx, room: Room, chat: Chat, { operator, nick }: RoomMessageReport, text: string) {
  if (room.purpose !== 'chat' || chat.operatorId === null || chat.operatorId === operator?.id) return;
  const owner = await tx.operators.get(chat.operatorId);
  if (!owner) return;
  const occupants = await tx.rooms.occupants(room.id);
  if (occupants.some(({ jid }) => bareJid(jid) === owner.jid)) return;
  const body = `[Chat ${chat.number}] ${operator?.name ?? nick}: ${text}`;
  const contact = { id: chat.accountId, instanceId: chat.instanceId };
  tx.outbox.toAccount(contact, { kind: 'xmpp.message', to: owner.jid, id: `foyer-notice.${tx.newId()}`, body });
}

async function postInGroup(
  tx: Tx,
  room: Room,
  { operator, nick, text, senderKey }: RoomMessageReport & { text: string },
): Promise<void> {
  const message = await tx.rooms.addMessage({
    ...{ roomId: room.id, instanceId: room.instanceId, operatorId: operator?.id ?? null },
    ...{ authorName: operator?.name ?? cut(nick, 200), text, senderKey },
  });
  if (message) await tellGroupMessage(tx, room, message, operator);
}

/** The room's topic is another; the page says so. */
export async function recordSubject(tx: Tx, found: Room, subject: string): Promise<void> {
  const chat = found.chatId === null ? undefined : await tx.chats.lock(found.chatId);
  const room = await tx.rooms.lock(found.id);
  const clean = cut(cleanText(subject), 1000);
  if (!room || !isOpenRoom(room) || room.subject === clean) return;
  room.subject = clean;
  await tx.rooms.update(room);
  if (chat && isOpen(chat) && chat.roomId === room.id && clean !== '')
    await noteOnPage(tx, chat, { key: 'room_topic', values: { topic: clean } });
}
