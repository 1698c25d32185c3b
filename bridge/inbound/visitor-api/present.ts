import { z } from 'zod';
import { isOpen, type Chat } from '../../domain/chats/chat.js';
import { formatCursor } from '../../domain/chats/feed.js';
import type { Message } from '../../domain/chats/message.js';
import { QUESTION_KINDS, openQuestions } from '../../domain/desks/question.js';
import { greetingFor, isShown } from '../../domain/desks/page-view.js';
import { languageAt, translated, type ByLanguage } from '../../domain/desks/widget-settings.js';
import { openRedirect } from '../../domain/chats/redirect.js';
import type { Admission } from '../../domain/hours/admission.js';
import { followUpLink } from '../../domain/instances/follow-up.js';
import type { Desk } from '../../domain/instances/instance.js';
import type { Reads } from '../../domain/reads.js';
import type { VisitorFacts } from '../../domain/routing/rule.js';
import type { Visitor } from '../../domain/visitors/visitor.js';
import { redirectShape } from '../listening/events.js';
import { time } from '../http/time.js';

/** What pages are shown: schemas, and the only functions that make such JSON. Nothing of an operator but the display name. */

export const messageShape = z
  .object({
    number: z.int(),
    sender: z.enum(['visitor', 'operator', 'system']),
    name: z.string().nullable(),
    text: z.string(),
    state: z.enum(['stored', 'sent', 'acked', 'delivered', 'seen', 'failed']),
    created_at: time,
    corrected_at: time.nullable(),
    unstyled: z
      .literal(true)
      .optional()
      .meta({ description: 'Marks in the text are only letters (XEP-0393, `<unstyled/>`).' }),
    client_message_id: z.string().optional(),
  })
  .meta({ id: 'Message' });

export const chatShape = z
  .object({
    id: z.int(),
    number: z.int(),
    state: z.enum(['waiting', 'offered', 'active', 'invited', 'closed', 'abandoned', 'missed']),
    operator: z.object({ name: z.string() }).nullable(),
    desk: z.string().nullable(),
    created_at: time,
    closed_at: time.nullable(),
    banned: z.boolean().meta({ description: 'The chat is over, and its visitor may not begin another.' }),
    follow_up: z.string().nullable().meta({ description: 'Where the visitor can go on once the chat is over.' }),
    rating: z.int().nullable().meta({ description: 'How the visitor rated the chat: 1 to 5; null before.' }),
    last_number: z.int(),
    seen: z.object({ visitor: z.int(), operator: z.int() }),
    position: z.int().nullable().meta({ description: 'Place among the chats that wait, from 1.' }),
    wait_seconds: z.int().nullable().meta({ description: 'How long that will take; null where nobody can say.' }),
    preview: z.boolean().meta({ description: 'The operator sees what the visitor is typing before it is sent.' }),
    redirect: redirectShape
      .nullable()
      .meta({ description: 'A page that the visitor is to see and hasn’t gone to yet.' }),
    cursor: z.string(),
  })
  .meta({ id: 'Chat' });

export const deskShape = z
  .object({
    key: z.string(),
    name: z.string(),
    ask_rating: z.boolean().meta({ description: 'The page asks for a rating when a chat is over.' }),
    open: z.boolean().meta({ description: 'Whether a chat can be begun now; words can be left at any time.' }),
    banned: z.boolean().meta({
      description: 'This visitor, or its address, may not chat here: every attempt is refused with `banned`.',
    }),
    opens_at: time.nullable().meta({ description: 'When a closed desk will open, as far as its hours say.' }),
    mail: z.boolean().meta({ description: 'Whether the conversation can be had by mail when a chat is over.' }),
    follow_up: z.string().nullable().meta({ description: 'Where the visitor can go on while the desk is closed.' }),
    language: z.string().nullable().meta({ description: 'That the widget speaks here; null: what the page likes.' }),
    texts: z.object({
      greeting: z.string().optional(),
      placeholder: z.string().optional(),
      closed: z.string().optional(),
      wait: z.string().optional(),
    }),
  })
  .meta({ id: 'Desk' });

export const visitedDeskShape = deskShape
  .extend({
    shown: z.boolean().meta({ description: 'Whether the widget shows itself on this page.' }),
    greeting: z.object({ name: z.string(), after_seconds: z.int() }).nullable().meta({
      description:
        'What the visitor may be greeted with after so many seconds on this page: `greetVisitor` has the words.',
    }),
    questions: z
      .array(
        z.object({
          ...{ key: z.string(), kind: z.enum(QUESTION_KINDS), label: z.string(), required: z.boolean() },
          max_length: z.int(),
          choices: z.array(z.object({ value: z.string(), label: z.string() })),
        }),
      )
      .meta({ description: 'Asked before a chat: what isn’t known yet, in the visitor’s language.' }),
  })
  .meta({ id: 'VisitedDesk', description: 'A desk as it is for this visitor on this page.' });

export type ChatJson = z.infer<typeof chatShape>;
export type MessageJson = z.infer<typeof messageShape>;

interface Shown {
  mail: boolean;
  /** Language of the page. */
  wanted: string;
  visitor?: Visitor;
}

/** @param admission `banned`: the visitor may not chat there, whether or not it is open */
export function presentDesk(
  desk: Desk,
  admission: Admission | 'banned',
  { mail, wanted, visitor }: Shown,
): z.infer<typeof deskShape> {
  const banned = admission === 'banned';
  const { open, opensAt } = banned ? { open: false, opensAt: null } : admission;
  const language = languageAt(desk.widget, wanted) ?? null;
  return {
    ...{ mail, follow_up: open ? null : followUpLink(desk, visitor) },
    ...{ key: desk.key, name: desk.name, open, opens_at: opensAt?.toISOString() ?? null },
    ...{ banned, ask_rating: desk.askRating, language },
    texts: { ...desk.texts, ...translated({}, desk.widget.translations, language ?? wanted) },
  };
}

export function presentVisitedDesk(
  desk: Desk,
  admission: Admission | 'banned',
  visitor: Visitor,
  { facts, mail }: { facts: VisitorFacts; mail: boolean },
): z.infer<typeof visitedDeskShape> {
  const wanted = visitor.language ?? '';
  const seen = presentDesk(desk, admission, { mail, wanted, visitor });
  const shown = isShown(desk, facts);
  const say = (label: string, translations: ByLanguage<string>) =>
    translated(label, translations, seen.language ?? wanted);
  const greeting = seen.open && shown ? greetingFor(desk, visitor, facts) : undefined;
  return {
    ...seen,
    shown,
    greeting: greeting ? { name: greeting.name, after_seconds: greeting.afterSeconds } : null,
    questions: openQuestions(desk.widget.questions, visitor).map((question) => ({
      ...{ key: question.key, kind: question.kind, required: question.required, max_length: question.maxLength },
      label: say(question.label, question.translations),
      choices: question.choices.map(({ value, label, translations }) => ({ value, label: say(label, translations) })),
    })),
  };
}

export async function presentChat(reads: Reads, chat: Chat): Promise<ChatJson> {
  const operator = chat.operatorId === null ? undefined : await reads.operator(chat.operatorId);
  const name = operator?.name ?? chat.heldBy;
  const desk = chat.deskId === null ? undefined : await reads.desk(chat.deskId);
  return {
    id: chat.id,
    number: chat.number,
    state: chat.state,
    operator: name === null ? null : { name },
    desk: desk?.key ?? null,
    created_at: chat.createdAt.toISOString(),
    closed_at: chat.closedAt?.toISOString() ?? null,
    banned: !isOpen(chat) && (await reads.visitorBanned(chat)),
    follow_up:
      desk === undefined || desk.followUp === null || isOpen(chat)
        ? null
        : followUpLink(desk, await reads.visitor(chat.visitorId), chat),
    rating: isOpen(chat) ? null : ((await reads.rating(chat.id))?.score ?? null),
    last_number: chat.lastNumber,
    seen: { visitor: chat.seenByVisitor, operator: chat.seenByOperator },
    position: chat.position,
    wait_seconds: chat.waitSeconds,
    preview: chat.state === 'active' && (await reads.wantsPreview(chat)),
    redirect: openRedirect(chat),
    cursor: formatCursor({ chatId: chat.id, number: chat.feedNumber }),
  };
}

/** Door prefix of the sender keys that pages make. */
export const PAGE_KEY = 'p:';

export async function presentMessage(reads: Reads, message: Message): Promise<MessageJson> {
  const operator = message.operatorId === null ? undefined : await reads.operator(message.operatorId);
  return {
    number: message.number,
    sender: message.sender,
    name: operator?.name ?? message.authorName,
    text: message.text,
    state: message.state,
    created_at: message.createdAt.toISOString(),
    corrected_at: message.correctedAt?.toISOString() ?? null,
    ...(message.unstyled && { unstyled: true }),
    ...(message.senderKey.startsWith(PAGE_KEY) ? { client_message_id: message.senderKey.slice(PAGE_KEY.length) } : {}),
  };
}
