import { z } from 'zod';
import type { Account } from '../../domain/accounts/account.js';
import { bareJid } from '../../domain/accounts/account.js';
import type { Chat } from '../../domain/chats/chat.js';
import { formatCursor } from '../../domain/chats/feed.js';
import type { Message } from '../../domain/chats/message.js';
import { HELPDESK_KEY, originOf } from '../../domain/helpdesk-events.js';
import type { ChatView } from '../../domain/helpdesk-reads.js';
import type { Operator } from '../../domain/operators/operator.js';
import { watchersOf } from '../../domain/supervision/watch.js';
import type { Tx } from '../../domain/ports.js';
import { time } from '../http/time.js';

/** What helpdesks are shown of chats: schemas, and the only functions that make such JSON. */

export const operatorRefShape = z
  .object({ id: z.int(), name: z.string(), jid: z.string() })
  .meta({ id: 'OperatorRef' });
export const visitorRefShape = z
  .object({ id: z.int(), external_id: z.string().nullable(), nick: z.string().nullable() })
  .meta({ id: 'VisitorRef' });
export const customShape = z
  .record(z.string(), z.string())
  .meta({ description: 'What the site or the helpdesk says of the visitor in words of its own.' });
export const accountShape = z
  .object({
    jid: z.string(),
    state: z
      .enum(['wanted', 'ready', 'locked', 'removing', 'removed'])
      .meta({ description: '`ready`: it exists on ejabberd; `wanted`: it soon will.' }),
  })
  .meta({ id: 'Account', description: 'An XMPP account that stands for a visitor.' });

export const chatStates = ['waiting', 'offered', 'active', 'invited', 'closed', 'abandoned', 'missed'] as const;

export const answersShape = z
  .array(z.object({ key: z.string(), label: z.string(), value: z.string() }))
  .meta({ description: 'What the visitor answered to the questions that the desk asks before a chat.' });

export const helpdeskChatShape = z
  .object({
    id: z.int().meta({ description: 'The session id.' }),
    number: z.int().meta({ description: 'What people say: counts from 1 in each instance.' }),
    state: z.enum(chatStates),
    initiator: z.enum(['visitor', 'operator', 'helpdesk']),
    desk: z.string().nullable(),
    department: z.object({ id: z.int(), name: z.string() }).nullable(),
    visitor: visitorRefShape,
    operator: operatorRefShape.nullable().meta({ description: 'The owner; null while nobody has taken the chat.' }),
    held_by: z
      .string()
      .nullable()
      .meta({ description: 'Who answers in the helpdesk’s pages, where that is no operator; then there is no owner.' }),
    created_at: time,
    accepted_at: time.nullable(),
    closed_at: time.nullable(),
    closed_by: z.enum(['visitor', 'operator', 'helpdesk', 'system']).nullable(),
    last_number: z.int(),
    seen: z
      .object({ visitor: z.int(), operator: z.int() })
      .meta({ description: 'The highest message of the other side that each has been shown.' }),
    position: z.int().nullable().meta({ description: 'Place among the chats that wait, from 1.' }),
    wait_seconds: z.int().nullable().meta({ description: 'How long that will take; null where nobody can say.' }),
    answers: answersShape,
    watchers: z
      .array(z.object({ id: z.int(), name: z.string() }))
      .meta({ description: 'Operators who watch the chat now; the visitor doesn’t see them.' }),
    last_message_at: time.nullable(),
    cursor: z.string().meta({ description: 'Where to listen from.' }),
  })
  .meta({ id: 'HelpdeskChat' });

export const helpdeskMessageShape = z
  .object({
    number: z.int(),
    sender: z.enum(['visitor', 'operator', 'system']),
    operator: z
      .object({ id: z.int(), name: z.string() })
      .nullable()
      .meta({ description: 'The author, where it is an operator whom Foyer knows.' }),
    author_name: z
      .string()
      .nullable()
      .meta({ description: 'The operator’s name, or the `author` that the helpdesk gave: what the page shows.' }),
    text: z.string(),
    origin: z.enum(['page', 'xmpp', 'helpdesk', 'bridge']).meta({ description: 'By which door it came.' }),
    message_id: z.string().nullable().meta({ description: 'The helpdesk’s own id, where it sent the message.' }),
    state: z.enum(['stored', 'sent', 'acked', 'delivered', 'seen', 'failed']).meta({
      description:
        'How far it has come: acknowledged by ejabberd, received, displayed by the other side’s client, or failed, which a receipt takes back.',
    }),
    acked_at: time.nullable(),
    delivered_at: time.nullable(),
    seen_at: time.nullable(),
    created_at: time,
    corrected_at: time.nullable(),
    unstyled: z
      .literal(true)
      .optional()
      .meta({ description: 'Marks in the text are only letters (XEP-0393, `<unstyled/>`).' }),
    deleted_at: time.nullable().meta({ description: 'When its words were taken away.' }),
    versions: z
      .array(z.object({ text: z.string(), replaced_at: time }))
      .optional()
      .meta({ description: 'Earlier texts of a message that was corrected, oldest first.' }),
  })
  .meta({ id: 'HelpdeskMessage' });

export type HelpdeskChatJson = z.infer<typeof helpdeskChatShape>;
export type HelpdeskMessageJson = z.infer<typeof helpdeskMessageShape>;
export type Version = { number: number; text: string; replacedAt: Date };

export function presentChat({ chat, visitor, deskKey, department, operator, ...more }: ChatView): HelpdeskChatJson {
  return {
    id: chat.id,
    number: chat.number,
    state: chat.state,
    initiator: chat.initiator,
    desk: deskKey,
    department,
    visitor: { id: visitor.id, external_id: visitor.externalId, nick: visitor.nick },
    operator: operator && presentOperatorRef(operator),
    held_by: chat.heldBy,
    created_at: chat.createdAt.toISOString(),
    accepted_at: chat.acceptedAt?.toISOString() ?? null,
    closed_at: chat.closedAt?.toISOString() ?? null,
    closed_by: chat.closedBy,
    last_number: chat.lastNumber,
    seen: { visitor: chat.seenByVisitor, operator: chat.seenByOperator },
    position: chat.position,
    wait_seconds: chat.waitSeconds,
    answers: [...chat.answers],
    watchers: more.watchers.map(({ id, name }) => ({ id, name })),
    last_message_at: more.lastMessageAt?.toISOString() ?? null,
    cursor: formatCursor({ chatId: chat.id, number: chat.feedNumber }),
  };
}

export function presentOperatorRef({ id, name, jid }: Operator): z.infer<typeof operatorRefShape> {
  return { id, name, jid };
}

/** An account that is being made again counts as wanted already. */
export function presentAccount(account: Account): z.infer<typeof accountShape> {
  return { jid: bareJid(account), state: account.state === 'ready' ? 'ready' : 'wanted' };
}

/** @param operatorOf from a transaction or without one */
export async function presentMessage(
  operatorOf: (id: number) => Promise<Operator | undefined>,
  message: Message,
  versions: readonly Version[] = [],
): Promise<HelpdeskMessageJson> {
  const operator = message.operatorId === null ? undefined : await operatorOf(message.operatorId);
  const origin = originOf(message);
  const own = versions.filter(({ number }) => number === message.number);
  return {
    number: message.number,
    sender: message.sender,
    operator: operator ? { id: operator.id, name: operator.name } : null,
    author_name: operator?.name ?? message.authorName,
    text: message.text,
    origin,
    message_id: origin === 'helpdesk' ? message.senderKey.slice(HELPDESK_KEY.length) : null,
    state: message.state,
    acked_at: message.ackedAt?.toISOString() ?? null,
    delivered_at: message.deliveredAt?.toISOString() ?? null,
    seen_at: message.seenAt?.toISOString() ?? null,
    created_at: message.createdAt.toISOString(),
    corrected_at: message.correctedAt?.toISOString() ?? null,
    ...(message.unstyled && { unstyled: true }),
    deleted_at: message.deletedAt?.toISOString() ?? null,
    ...(own.length === 0
      ? {}
      : { versions: own.map(({ text, replacedAt }) => ({ text, replaced_at: replacedAt.toISOString() })) }),
  };
}

/** A chat as the transaction that changed it will leave it. */
export async function viewInTransaction(tx: Tx, chat: Chat): Promise<ChatView> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  const account = await tx.accounts.get(chat.accountId);
  const desk = chat.deskId === null ? undefined : await tx.instances.desk(chat.deskId);
  const department = await tx.desks.department(chat.instanceId, chat.departmentId);
  const operator = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  const [last] = await tx.messages.list(chat.id, chat.lastNumber - 1, 1);
  return {
    chat: { ...chat },
    visitor: {
      id: chat.visitorId,
      externalId: visitor?.externalId ?? null,
      verified: visitor?.member ?? false,
      nick: visitor?.nick ?? null,
      email: visitor?.email ?? null,
      language: visitor?.language ?? null,
      online: visitor?.online ?? false,
    },
    account: account ? presentAccount(account) : { jid: '', state: 'removed' },
    deskKey: desk?.key ?? null,
    department: department ? { id: department.id, name: department.name } : null,
    operator: operator ?? null,
    watchers: await watchersOf(tx, chat),
    lastMessageAt: last?.createdAt ?? null,
  };
}
