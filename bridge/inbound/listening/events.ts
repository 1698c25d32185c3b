import { z } from 'zod';
import { parseCursor } from '../../domain/chats/feed.js';
import { time } from '../http/time.js';

/** What both doors say of a chat's feed: the question, and the shapes of the events. */

/** Long polls end below the 30 s after which many proxies cut a silent connection. */
export const WAIT_SECONDS = 25;

export const waitSeconds = z.coerce.number().int().min(0).max(WAIT_SECONDS);
export const cursorText = z
  .string()
  .refine((text) => parseCursor(text) !== null, 'must be a cursor of an earlier answer');

const head = z.object({
  cursor: z.string().meta({ description: 'Where to listen from, to hear what came after this event.' }),
  chat: z.int(),
  number: z.int().meta({ description: 'Counts from 1 in each chat’s feed.' }),
  at: time,
});

const range = z.object({
  from: z.int(),
  to: z.int(),
  state: z.enum(['stored', 'sent', 'acked', 'delivered', 'seen', 'failed']),
});
/** A page that the visitor is to see. */
export const redirectShape = z
  .object({
    number: z.int().meta({ description: 'Of the note in the chat that tells of it.' }),
    url: z.string().meta({ description: 'http or https, as the desk allows it.' }),
    how: z.enum(['ask', 'go']).meta({ description: 'Offer it, or go there.' }),
    name: z.string().meta({ description: 'Whose idea it is.' }),
  })
  .meta({ id: 'Redirect' });
const statesEvent = head
  .extend({ kind: z.literal('states'), data: z.object({ states: z.array(range) }) })
  .meta({ id: 'StatesEvent', description: 'The visitor’s messages `from`…`to` have come as far as `state`.' });
const positionEvent = head
  .extend({
    kind: z.literal('position'),
    data: z.object({
      position: z.int().meta({ description: 'Place among the chats that wait, from 1.' }),
      wait_seconds: z
        .int()
        .nullable()
        .meta({ description: 'How long it will take, by the last chats; null where nobody can say.' }),
    }),
  })
  .meta({ id: 'PositionEvent', description: 'The chat’s place in the queue has changed.' });
const typingEvent = head
  .extend({ kind: z.literal('typing'), data: z.object({ typing: z.boolean(), name: z.string() }) })
  .meta({ id: 'TypingEvent', description: 'An operator began or stopped typing.' });
const resetEvent = head.extend({ kind: z.literal('reset'), data: z.object({}) }).meta({
  id: 'ResetEvent',
  description: 'The events before can’t be told any more: read the chat anew and go on from this cursor.',
});

/**
 * The events that a door tells.
 * @param door begins the names of those schemas that differ by door
 * @param chatId id of the chat that a `chat` event is about
 */
export function eventShapes<I extends z.ZodType, C extends z.ZodType, M extends z.ZodType>(
  door: 'Page' | 'Helpdesk',
  { chatId, chat, message }: { chatId: I; chat: C; message: M },
) {
  const about = z.object({ message: message.nullable().meta({ description: 'As it is now.' }) });
  const chatEvent = head
    .extend({ kind: z.literal('chat'), chat: chatId, data: z.object({ chat }) })
    .meta({ id: `${door}ChatEvent`, description: 'Something of the chat has changed: this is how it is now.' });
  const messageEvent = head
    .extend({ kind: z.literal('message'), data: about })
    .meta({ id: `${door}MessageEvent`, description: 'A new message.' });
  const updatedEvent = head
    .extend({ kind: z.literal('message_updated'), data: about })
    .meta({ id: `${door}MessageUpdatedEvent`, description: 'An earlier message was corrected.' });
  const redirectEvent = head
    .extend({ kind: z.literal('redirect'), chat: chatId, data: z.object({ redirect: redirectShape, chat }) })
    .meta({ id: `${door}RedirectEvent`, description: 'The visitor is to see a page; the chat is as it is now.' });
  const reference = (name: string) => `#/components/schemas/${name}`;
  return z
    .discriminatedUnion('kind', [
      chatEvent,
      messageEvent,
      updatedEvent,
      statesEvent,
      positionEvent,
      typingEvent,
      redirectEvent,
      resetEvent,
    ])
    .meta({
      id: `${door}Event`,
      discriminator: {
        propertyName: 'kind',
        mapping: {
          chat: reference(`${door}ChatEvent`),
          message: reference(`${door}MessageEvent`),
          message_updated: reference(`${door}MessageUpdatedEvent`),
          states: reference('StatesEvent'),
          position: reference('PositionEvent'),
          typing: reference('TypingEvent'),
          redirect: reference(`${door}RedirectEvent`),
          reset: reference('ResetEvent'),
        },
      },
    });
}
