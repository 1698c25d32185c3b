import { z } from 'zod';
import type { SignedCall } from '../http/openapi.js';
import { time } from '../http/time.js';
import { noteShape, ratingShape, tagsShape } from './annotations.js';
import { offlineMessageFields } from './offline-messages.js';
import { answersShape, chatStates, operatorRefShape, visitorRefShape, customShape } from './present.js';

/**
 * What a helpdesk is called back with, by type: the shapes of domain/helpdesk-events.ts, for the document and for the
 * tests.
 */

const chatRef = z.object({
  id: z.int().meta({ description: 'The session id.' }),
  number: z.int(),
  state: z.enum(chatStates),
  initiator: z.enum(['visitor', 'operator', 'helpdesk']),
  closed_by: z.enum(['visitor', 'operator', 'helpdesk', 'system']).nullable(),
});
const visitorCard = visitorRefShape
  .extend({
    email: z.string().nullable(),
    language: z.string().nullable(),
    page_url: z.string().nullable(),
    custom: customShape,
  })
  .meta({ id: 'VisitorCard' });
const deliveryState = z.enum(['stored', 'sent', 'acked', 'delivered', 'seen', 'failed']);

const chatData = z.object({
  chat: chatRef.extend({
    last_number: z.int(),
    created_at: time,
    accepted_at: time.nullable(),
    closed_at: time.nullable(),
    answers: answersShape,
  }),
  visitor: visitorCard.nullable(),
  operator: operatorRefShape.nullable().meta({ description: 'The owner.' }),
});
const messageData = z.object({
  chat: chatRef,
  visitor: visitorRefShape.nullable(),
  operator: operatorRefShape.nullable().meta({ description: 'The owner.' }),
  message: z.object({
    number: z.int().meta({ description: 'Counts from 1 in each chat: what is missing can be told.' }),
    sender: z.enum(['visitor', 'operator', 'system']),
    author: operatorRefShape.nullable(),
    author_name: z
      .string()
      .nullable()
      .meta({ description: 'Also where the author is no operator: what the page shows.' }),
    text: z.string(),
    origin: z
      .enum(['page', 'xmpp', 'helpdesk', 'bridge'])
      .meta({ description: '`helpdesk`: this helpdesk’s own, come back.' }),
    message_id: z.string().nullable().meta({ description: 'The helpdesk’s own id of its own message.' }),
    created_at: time,
    corrected_at: time.nullable(),
    unstyled: z
      .literal(true)
      .optional()
      .meta({ description: 'Marks in the text are only letters (XEP-0393, `<unstyled/>`).' }),
  }),
});
const typingData = z.object({
  chat: chatRef,
  visitor: visitorRefShape.nullable(),
  operator: operatorRefShape,
  typing: z.boolean(),
});
const shortChat = chatRef.pick({ id: true, number: true, state: true });
const taggedData = z.object({ chat: shortChat, tags: tagsShape });
const ratedData = z.object({ chat: shortChat, rating: ratingShape });
const notedData = z.object({
  chat: shortChat,
  note: noteShape.omit({ operator_id: true }).extend({ operator: operatorRefShape.nullable() }),
});
const visitorData = z.object({ visitor: visitorCard });
const offlineMessageData = visitorData.extend({ offline_message: z.object(offlineMessageFields) });
const erasedData = z.object({ visitor: visitorRefShape.omit({ nick: true }) });
const presenceShow = z.enum(['available', 'chat', 'away', 'xa', 'dnd', 'offline']);
const presenceData = z.object({
  operator: operatorRefShape,
  show: presenceShow,
  status: z.string(),
  resources: z.int(),
});
const snapshotData = z.object({
  operators: z.array(operatorRefShape.extend({ show: presenceShow, status: z.string() })),
});
const roomRef = z.object({ id: z.int(), external_id: z.string().nullable(), title: z.string(), jid: z.string() });
const roomPersonData = z.object({ room: roomRef, operator: operatorRefShape.nullable(), name: z.string() });
const roomMessageData = z.object({
  room: roomRef,
  message: z.object({
    id: z.int().meta({ description: 'Rises within a group.' }),
    author: operatorRefShape.nullable(),
    author_name: z.string(),
    text: z.string(),
    created_at: time,
  }),
});
const stateData = z.object({
  chat: chatRef.pick({ id: true, number: true }),
  sender: z.enum(['visitor', 'operator']).meta({ description: 'Whose messages.' }),
  from: z.int(),
  to: z.int().meta({
    description:
      'Messages of the sender from `from` to `to` have come as far as `state`. Never goes backwards: sent, acked, failed, delivered, seen.',
  }),
  state: deliveryState,
});

function call(type: string, summary: string, data: z.ZodType): SignedCall {
  const body = z.object({
    type: z.literal(type),
    timestamp: time.meta({ description: 'When it happened.' }),
    instance: z.string(),
    data,
  });
  return { summary, tag: 'callbacks', body };
}

const all: Record<string, [summary: string, data: z.ZodType]> = {
  'operator.message': ['An operator wrote to the visitor', messageData],
  'operator.message_corrected': ['An operator corrected an earlier message', messageData],
  'operator.message_retracted': ['An operator took a message back: its words are gone', messageData],
  'operator.typing': ['An operator types, or no longer; said once, and not again if it fails', typingData],
  'visitor.message': ['The visitor wrote', messageData],
  'system.message': ['A note was put into the chat', messageData],
  'invitation.created': ['An operator wrote first: an invitation to chat', chatData],
  'chat.started': ['A chat was begun', chatData],
  'chat.accepted': ['An operator owns the chat now', chatData],
  'chat.waiting': ['The chat has lost its operator and waits for another', chatData],
  'chat.closed': ['The chat is over; its state says how', chatData],
  'chat.tagged': ['The chat has these tags now', taggedData],
  'chat.noted': ['Somebody wrote a note about the chat', notedData],
  'chat.rated': ['The visitor has rated the chat; a later one replaces it', ratedData],
  'operator.connected': ['An operator’s first client came online', presenceData],
  'operator.changed': ['What an operator’s client shows has changed', presenceData],
  'operator.disconnected': ['An operator’s last client has gone', presenceData],
  'operators.online': ['All operators who are online, every minute or so: heals what was missed', snapshotData],
  'offline_message.created': ['A visitor left words at a desk that is closed', offlineMessageData],
  'visitor.timed_out': ['The visitor has left the site', visitorData],
  'visitor.erased': ['The person is forgotten here: forget it too', erasedData],
  'room.message': ['An operator spoke in a group’s room', roomMessageData],
  'room.message_corrected': ['An operator corrected an earlier message in a group’s room', roomMessageData],
  'room.message_retracted': ['An operator took an earlier message back; its text is gone', roomMessageData],
  'room.joined': ['Somebody came into a group’s room', roomPersonData],
  'room.left': ['Somebody left a group’s room', roomPersonData],
  'message.state': ['Messages have come further on their way', stateData],
  'callback.test': ['Somebody tries the address', z.object({})],
};

export const callbackTypes: Record<string, SignedCall> = Object.fromEntries(
  Object.entries(all).map(([type, [summary, data]]) => [type, call(type, summary, data)]),
);
