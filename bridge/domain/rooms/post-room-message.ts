import { isOpen, type Chat } from '../chats/chat.js';
import type { ChatLimits } from '../chats/limits.js';
import { textBytes } from '../chats/message.js';
import { retractFrom } from '../chats/retract-message.js';
import { notifyAboutChat } from '../chats/notify-operator.js';
import { correct } from '../chats/post-operator-message.js';
import { wasCommand } from '../commands/commands-sent.js';
import { chatLane, messageData } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { correctWhisper, type Whispered } from '../supervision/whisper.js';
import { bareJid } from '../../shared/jid.js';
import { cleanText, cut } from '../../shared/text.js';
import { tellGroupMessage } from './group-callbacks.js';
import { isOpenRoom, type Room } from './room.js';
import { saidInRoom } from './room-typing.js';
import { say } from '../texts/say.js';

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
  /** XEP-0393: marks in the text are only letters. */
  unstyled: boolean;
  /** XEP-0308: the stanza that this one replaces. */
  replaces?: string | undefined;
  /** XEP-0424: the stanza that this one takes back; there is no text then. */
  retracts?: string | undefined;
  /** What the room's archive calls it. */
  archiveId?: string | undefined;
}

/** What people say in a chat's room goes into the record and onto the page; in a group's, to its helpdesk. What nobody would read isn't kept. */
export async function postRoomMessage(tx: Tx, limits: ChatLimits, room: Room, sent: RoomMessageReport): Promise<void> {
  const text = cleanText(sent.text);
  if ((text.trim() === '' && sent.retracts === undefined) || !isOpenRoom(room)) return;
  if (room.purpose === 'group') return postInGroup(tx, room, { ...sent, text });
  const chat = room.chatId === null ? undefined : await tx.chats.lock(room.chatId);
  if (!chat || !isOpen(chat) || chat.roomId !== room.id) return;
  if ((await tx.messages.bySenderKeys(chat.id, [sent.senderKey])).length > 0) return;
  const { operator, replaces, retracts } = sent;
  if (retracts !== undefined) {
    const erased = operator && (await retractFrom(tx, chat, operator, retracts));
    const gone = say(operator?.language ?? 'en', { key: 'message_deleted' });
    if (erased) await tellOwner(tx, room, chat, { operator, number: erased.number, text: gone, change: 'retracts' });
    return;
  }
  const said = { ...sent, text, receiptRequested: false, markable: false };
  if (operator && replaces !== undefined && (await correctsAside(tx, chat, operator, { ...said, replaces }))) return;
  if (operator && replaces !== undefined && (await correct(tx, limits, chat, operator, { ...said, replaces }))) {
    const corrected = await tx.messages.byStanzaId(chat.id, operator.id, replaces);
    if (corrected) await tellOwner(tx, room, chat, { operator, number: corrected.number, text, change: 'replaces' });
    return;
  }
  if (textBytes(text) > limits.messageBytes || chat.textBytes + textBytes(text) > limits.chatBytes) {
    if (operator) notifyAboutChat(tx, chat, operator, { key: 'chat_full' });
    return;
  }
  const message = tx.messages.append(chat, {
    ...{ sender: 'operator', operatorId: operator?.id ?? null, authorName: operator ? null : cut(sent.nick, 200) },
    ...{ text, senderKey: sent.senderKey, stanzaId: sent.stanzaId === '' ? undefined : sent.stanzaId },
    archiveId: sent.archiveId,
    unstyled: sent.unstyled,
    writtenAt: sent.writtenAt < tx.now ? sent.writtenAt : tx.now,
  });
  await tellOwner(tx, room, chat, { ...sent, number: message.number, text });
  await saidInRoom(tx, room, chat, operator?.name ?? sent.nick);
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl !== null)
    tx.outbox.toHelpdesk(instance, chatLane(chat), 'operator.message', await messageData(tx, chat, message));
}

/** What is written in place of a whisper or of another command was never meant for the visitor. */
async function correctsAside(
  tx: Tx,
  chat: Chat,
  operator: Operator,
  said: Whispered & { replaces: string },
): Promise<boolean> {
  if (await correctWhisper(tx, chat, operator, said)) return true;
  if (!(await wasCommand(tx, operator, said.replaces))) return false;
  notifyAboutChat(tx, chat, operator, { key: 'command_corrected' });
  return true;
}

/** What the owner reads in the contact's window. */
interface Overheard {
  operator: Operator | undefined;
  nick?: string;
  number: number;
  text: string;
  /** In place of what was said before, or to take it back. */
  change?: 'replaces' | 'retracts';
}

/** The owner who stayed in the contact's window reads there what others say in the room. */
async function tellOwner(
  tx: Tx,
  room: Room,
  chat: Chat,
  { operator, nick = '', number, text, change }: Overheard,
): Promise<void> {
  if (room.purpose !== 'chat' || chat.operatorId === null || chat.operatorId === operator?.id) return;
  const owner = await tx.operators.get(chat.operatorId);
  if (!owner) return;
  const occupants = await tx.rooms.occupants(room.id);
  if (occupants.some(({ jid }) => bareJid(jid) === owner.jid)) return;
  const body = `[Chat ${chat.number}] ${operator?.name ?? nick}: ${text}`;
  const contact = { id: chat.accountId, instanceId: chat.instanceId };
  const first = `foyer-notice.room.${chat.id}.${number}.${owner.id}`;
  const id = change === undefined ? first : `foyer-notice.${tx.newId()}`;
  tx.outbox.toAccount(contact, {
    ...{ kind: 'xmpp.message', to: owner.jid, id, body },
    ...(change === undefined ? {} : { [change]: first }),
  });
}

async function postInGroup(
  tx: Tx,
  room: Room,
  { operator, nick, text, senderKey, replaces, retracts, stanzaId, archiveId }: RoomMessageReport & { text: string },
): Promise<void> {
  const about = retracts ?? replaces;
  const earlier = operator && about !== undefined && (await tx.rooms.messageByStanzaId(room.id, operator.id, about));
  if (retracts !== undefined || earlier) {
    if (!earlier || earlier.deletedAt !== null || (retracts === undefined && earlier.text === text)) return;
    const changed = await tx.rooms.changeMessage(earlier, retracts === undefined ? { text, stanzaId } : null);
    const type = retracts === undefined ? 'room.message_corrected' : 'room.message_retracted';
    return tellGroupMessage(tx, room, type, changed, operator);
  }
  const message = await tx.rooms.addMessage({
    ...{ roomId: room.id, instanceId: room.instanceId, operatorId: operator?.id ?? null },
    ...{ authorName: operator?.name ?? cut(nick, 200), text, senderKey, archiveId },
    stanzaId: stanzaId === '' ? undefined : stanzaId,
  });
  if (message) await tellGroupMessage(tx, room, 'room.message', message, operator);
}
