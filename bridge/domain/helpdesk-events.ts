import type { Chat } from './chats/chat.js';
import type { Message } from './chats/message.js';
import type { Operator, OperatorPresence } from './operators/operator.js';
import type { Tx } from './ports.js';
import type { Visitor } from './visitors/visitor.js';

/** What a helpdesk reads in the `data` of a callback. Ids of ours are numbers, times RFC 3339. */

/** Callbacks about one chat arrive in the order of its events. */
export function chatLane(chat: Pick<Chat, 'id'>): string {
  return `c${chat.id}`;
}

/** About the state of a chat: everything that a record of it needs. */
export async function chatData(tx: Tx, chat: Chat): Promise<Record<string, unknown>> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  return {
    chat: {
      ...chatRef(chat),
      last_number: chat.lastNumber,
      created_at: chat.createdAt.toISOString(),
      accepted_at: chat.acceptedAt?.toISOString() ?? null,
      closed_at: chat.closedAt?.toISOString() ?? null,
      answers: chat.answers,
    },
    visitor: visitor ? visitorCard(visitor) : null,
    operator: await ownerRef(tx, chat),
  };
}

export async function messageData(tx: Tx, chat: Chat, message: Message): Promise<Record<string, unknown>> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  const author = message.operatorId === null ? undefined : await tx.operators.get(message.operatorId);
  const origin = originOf(message);
  return {
    chat: chatRef(chat),
    visitor: visitor ? visitorRef(visitor) : null,
    operator: await ownerRef(tx, chat),
    message: {
      number: message.number,
      sender: message.sender,
      author: author ? operatorRef(author) : null,
      author_name: author?.name ?? message.authorName,
      text: message.text,
      origin,
      message_id: origin === 'helpdesk' ? message.senderKey.slice(HELPDESK_KEY.length) : null,
      created_at: message.createdAt.toISOString(),
      corrected_at: message.correctedAt?.toISOString() ?? null,
      ...(message.unstyled && { unstyled: true }),
    },
  };
}

/** Door prefix of the sender keys that helpdesks make. */
export const HELPDESK_KEY = 'h:';

export type Origin = 'page' | 'xmpp' | 'helpdesk' | 'bridge';

/** By which door a message came: a helpdesk leaves its own aside. */
export function originOf({ senderKey }: Pick<Message, 'senderKey'>): Origin {
  if (senderKey.startsWith(HELPDESK_KEY)) return 'helpdesk';
  if (senderKey.startsWith('p:')) return 'page';
  return senderKey.startsWith('x:') ? 'xmpp' : 'bridge';
}

/** Type of the callback that names all operators who are online: a newer one says all that an older one in its lane would. */
export const SNAPSHOT = 'operators.online';

/** Type of the callback that says that an operator types: of no use after a moment, or once a newer one follows. */
export const TYPING = 'operator.typing';

export function typingData(
  chat: Chat,
  visitor: Visitor | undefined,
  operator: Operator,
  typing: boolean,
): Record<string, unknown> {
  return {
    chat: chatRef(chat),
    visitor: visitor ? visitorRef(visitor) : null,
    operator: operatorRef(operator),
    typing,
  };
}

export function visitorData(visitor: Visitor): Record<string, unknown> {
  return { visitor: visitorCard(visitor) };
}

export function operatorRef(operator: Operator): Record<string, unknown> {
  return { id: operator.id, name: operator.name, jid: operator.jid };
}

export function presenceData(operator: Operator, presence: OperatorPresence): Record<string, unknown> {
  return {
    operator: operatorRef(operator),
    show: presence.show,
    status: presence.status,
    resources: presence.resources,
  };
}

function chatRef(chat: Chat): Record<string, unknown> {
  return { id: chat.id, number: chat.number, state: chat.state, initiator: chat.initiator, closed_by: chat.closedBy };
}

async function ownerRef(tx: Tx, chat: Chat): Promise<Record<string, unknown> | null> {
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  return owner ? operatorRef(owner) : null;
}

function visitorRef(visitor: Visitor): Record<string, unknown> {
  return { id: visitor.id, external_id: visitor.externalId, nick: visitor.nick };
}

function visitorCard(visitor: Visitor): Record<string, unknown> {
  const { email, language, pageUrl, custom } = visitor;
  return { ...visitorRef(visitor), email, language, page_url: pageUrl, custom };
}
