import { z } from 'zod';
import type { Chat } from '../../domain/chats/chat.js';
import type { ChatView } from '../../domain/helpdesk-reads.js';
import { followUpLink } from '../../domain/instances/follow-up.js';
import { TAG_LENGTH, normalTag } from '../../domain/transcripts/annotations.js';
import { MESSAGE_CSV_HEAD, csvLine, messageCells, transcriptText } from '../../domain/transcripts/text-form.js';
import { readAllMessages, readTranscript } from '../../domain/transcripts/read-transcript.js';
import type { Transcript, TranscriptView } from '../../domain/transcripts/transcript.js';
import type { KeyCredential } from '../../domain/reads.js';
import type { Answer, Route } from '../http/route.js';
import { defineRoute } from '../http/route.js';
import { line } from '../visitor-api/inputs.js';
import { noteShape, presentNote, presentRating, ratingShape, tagsShape } from './annotations.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idNumber, idParam, instant, limit } from './inputs.js';
import { actorOf, departmentsOf, keyOf, readChat } from './own.js';
import { presentSupervision, supervisionShape } from './supervision.js';
import { helpdeskChatShape, helpdeskMessageShape, presentChat } from './present.js';
import { presentMessages } from './message-list.js';

const TRANSCRIPTS_AT_ONCE = 100;
const SEARCH_LENGTH = 200;

export const transcriptShape = z
  .object({
    tags: tagsShape,
    rating: ratingShape.nullable(),
    notes: z.array(noteShape),
    supervisions: z.array(supervisionShape),
    messages: z.array(helpdeskMessageShape),
    follow_up: z
      .string()
      .nullable()
      .meta({ description: 'Where the visitor can go on; the desk’s link with what is known.' }),
  })
  .meta({ id: 'Transcript' });

const score = z.coerce.number().int().min(1).max(5);

export function listTranscriptsRoute(deps: HelpdeskApiDeps): Route {
  const one = z.object({ chat: helpdeskChatShape, tags: tagsShape, rating: ratingShape.nullable() });
  return defineRoute({
    method: 'get',
    path: '/transcripts',
    operationId: 'searchTranscripts',
    summary: 'Chats by words, people, time, tag and rating, newest first',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    query: z.strictObject({
      text: line(SEARCH_LENGTH).optional().meta({
        description: 'Words that were all said in the chat. Chats that still go on aren’t looked into.',
      }),
      operator: idNumber.optional(),
      department: idNumber.optional(),
      visitor: idNumber.optional().meta({ description: 'Foyer’s id of the visitor.' }),
      from: instant.optional().meta({ description: 'Begun at this time or later.' }),
      to: instant.optional().meta({ description: 'Begun before this time.' }),
      tag: line(TAG_LENGTH).optional(),
      min_score: score.optional(),
      max_score: score.optional(),
      before: idNumber.optional().meta({ description: 'Only chats with a lower id: the next page.' }),
      limit: limit(TRANSCRIPTS_AT_ONCE, 20),
    }),
    answers: {
      200: { description: 'One page.', schema: z.object({ transcripts: z.array(one), more: z.boolean() }) },
    },
    handle: async (request) => {
      const { text, operator, department, visitor, from, to, tag, before, limit } = request.query;
      const key = keyOf(request);
      const found = await deps.transcriptReads.search(key.instanceId, {
        departmentIds: departmentsOf(key),
        ...{ text, from, to, before, operatorId: operator, departmentId: department, visitorId: visitor },
        tag: tag === undefined ? undefined : normalTag(tag),
        leastScore: request.query.min_score,
        mostScore: request.query.max_score,
        limit: limit + 1,
      });
      return {
        status: 200,
        body: { transcripts: found.slice(0, limit).map(presentTranscriptView), more: found.length > limit },
      };
    },
  });
}

export function transcriptRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats/:id/transcript',
    operationId: 'getTranscript',
    summary: 'A chat with all its messages, its tags, notes and rating',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    query: z.strictObject({
      format: z.enum(['json', 'text', 'csv']).default('json').meta({
        description: '`text`: to be read, as mail carries it, with the notes; `csv`: a line for each message.',
      }),
    }),
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'The chat and its transcript.',
        schema: z.object({ chat: helpdeskChatShape, transcript: transcriptShape }),
        otherTypes: ['text/plain', 'text/csv'],
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const view = await readChat(deps, key, request.params.id);
      if (key.supervisor) await recordReading(deps, key, view.chat);
      const { format } = request.query;
      if (format === 'json')
        return { status: 200, body: { chat: presentChat(view), transcript: await presentTranscript(deps, view) } };
      return asFile(await readTranscript(deps.reads, deps.transcriptReads, view), format);
    },
  });
}

/** Keys read for whole helpdesks; that a person has looked into a chat is kept. */
function recordReading({ transactions }: HelpdeskApiDeps, key: KeyCredential, { id, instanceId }: Chat): Promise<void> {
  return transactions.alone((tx) =>
    Promise.resolve(tx.audit.add({ instanceId, actor: actorOf(key), action: 'chat.read', subject: `chat:${id}` })),
  );
}

/** What closing a chat answers with, too. */
export async function presentTranscript(
  deps: HelpdeskApiDeps,
  view: ChatView,
): Promise<z.infer<typeof transcriptShape>> {
  const { tags, rating, notes, supervisions } = await deps.transcriptReads.annotations(view.chat.id);
  const messages = await presentMessages(deps, view.chat.id, await readAllMessages(deps.reads, view.chat.id));
  return {
    ...{ tags, rating: rating && presentRating(rating), notes: notes.map(presentNote), messages },
    supervisions: supervisions.map(presentSupervision),
    follow_up: await readFollowUp(deps, view),
  };
}

async function readFollowUp({ reads }: Pick<HelpdeskApiDeps, 'reads'>, { chat }: ChatView): Promise<string | null> {
  const desk = chat.deskId === null ? undefined : await reads.desk(chat.deskId);
  return desk === undefined ? null : followUpLink(desk, await reads.visitor(chat.visitorId), chat);
}

function asFile(transcript: Transcript, format: 'text' | 'csv'): Answer {
  const { number } = transcript.view.chat;
  const file = (type: string, end: string, body: string): Answer => ({
    status: 200,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'content-disposition': `attachment; filename="chat-${number}.${end}"`,
    },
    body,
  });
  if (format === 'text') return file('text/plain', 'txt', transcriptText(transcript, true));
  const lines = transcript.messages.map((message) => csvLine(messageCells(message, transcript)));
  return file('text/csv', 'csv', [csvLine(MESSAGE_CSV_HEAD), ...lines].join(''));
}

function presentTranscriptView({ view, tags, rating }: TranscriptView) {
  return { chat: presentChat(view), tags, rating: rating && presentRating(rating) };
}
