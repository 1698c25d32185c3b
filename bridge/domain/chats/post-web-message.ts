import { FoyerError } from '../../shared/errors.js';
import { cleanText } from '../../shared/text.js';
import { chatLane, messageData } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { roomOf, type Room } from '../queue/room.js';
import { relayIntoRoom, roomOfChat } from '../rooms/room-talk.js';
import { isOpen, type Chat } from './chat.js';
import { checkLimits, type ChatLimits } from './limits.js';
import { webStanzaIdOf, type Message } from './message.js';
import { readersOf } from './notify-operator.js';
import { takeChat } from './take-chat.js';

/** What somebody wrote in the helpdesk's own pages instead of an XMPP client. */
export interface WebMessage {
  sender: 'operator' | 'system';
  text: string;
  senderKey: string;
  /** Null: somebody whom Foyer doesn't know as an operator. */
  operator: Operator | null;
  /** What everybody reads as the author's name, where there is no operator. */
  name: string | null;
}

/**
 * The words go into the record and onto the page, and those who have the chat in their XMPP client read them there too.
 * A registered operator who answers a chat that nobody has takes it. The same `senderKey` again gives the message that
 * it made the first time. The chat must be locked.
 * @throws FoyerError `chat_closed` | `operator_full` | `forbidden` | `conflict` | `message_too_long` | `chat_full` | `invalid_request`
 */
export async function postWebMessage(tx: Tx, limits: ChatLimits, chat: Chat, sent: WebMessage): Promise<Message> {
  const [repeated] = await tx.messages.bySenderKeys(chat.id, [sent.senderKey]);
  if (repeated) return repeated;
  if (!isOpen(chat)) throw new FoyerError('chat_closed', 'This chat is closed; begin another.');
  const text = cleanText(sent.text);
  if (text.trim() === '') throw new FoyerError('invalid_request', 'The text is empty.');
  checkLimits(limits, chat, text);
  if (sent.operator && (chat.state === 'waiting' || chat.state === 'offered')) await take(tx, chat, sent.operator);
  const message = tx.messages.append(chat, {
    sender: sent.sender,
    operatorId: sent.operator?.id ?? null,
    authorName: sent.operator ? null : sent.name,
    text,
    senderKey: sent.senderKey,
  });
  await tellXmppSide(tx, chat, message, sent);
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl !== null) {
    tx.outbox.toHelpdesk(instance, chatLane(chat), `${sent.sender}.message`, await messageData(tx, chat, message));
  }
  return message;
}

const BARS: Record<NonNullable<Room['bar']>, string> = {
  no_contact: 'The chat waits for a contact; nobody can take it before.',
  not_approved: 'The operator has not been approved yet.',
  only_monitors: 'The operator only watches this department.',
};

async function take(tx: Tx, chat: Chat, operator: Operator): Promise<void> {
  const { left, bar, load, limit } = await roomOf(tx, chat, operator);
  if (bar !== null) throw new FoyerError(bar === 'no_contact' ? 'conflict' : 'forbidden', BARS[bar]);
  if (!left)
    throw new FoyerError('operator_full', `The operator has ${load} chats, and may have ${limit} at a time.`, {
      limit,
    });
  await takeChat(tx, chat, operator);
}

/** The owner, or all who were shown the chat while it has none. */
async function tellXmppSide(tx: Tx, chat: Chat, message: Message, sent: WebMessage): Promise<void> {
  const name = sent.operator?.name ?? sent.name;
  const room = await roomOfChat(tx, chat);
  if (room) relayIntoRoom(tx, room, sent.sender === 'system' ? null : (name ?? 'Helpdesk'), message.text, message);
  if (room?.purpose === 'pool') return;
  const body = webBody(chat, sent.sender, name, message.text);
  for (const reader of await readersOf(tx, chat)) {
    const account = { id: chat.accountId, instanceId: chat.instanceId };
    const id = webStanzaIdOf(message, reader.id);
    tx.outbox.toAccount(account, { kind: 'xmpp.message', to: reader.jid, id, body });
  }
}

/** What operators read of words from the helpdesk's pages: they come from the visitor's contact, but aren't the visitor's. */
export function webBody(chat: Chat, sender: WebMessage['sender'], name: string | null, text: string): string {
  const author = sender === 'system' ? '' : ` ${name ?? 'Helpdesk'} (web):`;
  return `[Chat ${chat.number}]${author} ${text}`;
}
