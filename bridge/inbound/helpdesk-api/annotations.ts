import { z } from 'zod';
import {
  NOTE_LENGTH,
  RATING_WORDS_LENGTH,
  TAGS_AT_MOST,
  TAG_LENGTH,
  addNote,
  setTags,
  type Note,
  type Rating,
} from '../../domain/transcripts/annotations.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import { line } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idParam, name } from './inputs.js';
import { activeOperator, actorOf, keyOf, lockChat, readChat } from './own.js';

const TAGS_SHOWN = 500;

export const ratingShape = z
  .object({ score: z.int().min(1).max(5), words: z.string().max(RATING_WORDS_LENGTH), rated_at: time })
  .meta({ id: 'Rating', description: 'What the visitor thought of the chat: 1 (bad) to 5 (good).' });

export const noteShape = z
  .object({
    id: z.int(),
    operator_id: z.int().nullable(),
    author: z.string(),
    kind: z.enum(['note', 'whisper']).meta({
      description: '`whisper`: said to those who had to do with the chat, while it went on.',
    }),
    text: z.string().meta({ description: 'Empty of a whisper that was taken back.' }),
    corrects: z.int().nullable().meta({ description: 'Id of the whisper in whose place this one is.' }),
    created_at: time,
  })
  .meta({ id: 'Note', description: 'The visitor never sees it.' });

export const tagsShape = z.array(z.string()).meta({ description: 'In lower case and alphabetical order.' });

export function listTagsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/tags',
    operationId: 'listTags',
    summary: 'Tags in use, those of most chats first',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    answers: {
      200: {
        description: `At most ${TAGS_SHOWN}.`,
        schema: z.object({ tags: z.array(z.object({ tag: z.string(), chats: z.int() })) }),
      },
    },
    handle: async (request) => ({
      status: 200,
      body: { tags: await deps.transcriptReads.tags(keyOf(request).instanceId, TAGS_SHOWN) },
    }),
  });
}

export function setTagsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/chats/:id/tags',
    operationId: 'setTags',
    summary: 'Tag a chat: these tags and no others',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({ tags: z.array(line(TAG_LENGTH)).max(TAGS_AT_MOST) }),
    refusals: ['not_found'],
    answers: { 200: { description: 'The tags as they are kept.', schema: z.object({ tags: tagsShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const tags = await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const kept = await setTags(tx, chat, request.body.tags);
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'chat.tag', subject: `chat:${chat.id}` },
          details: { tags: kept },
        });
        return kept;
      });
      return { status: 200, body: { tags } };
    },
  });
}

export function listNotesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats/:id/notes',
    operationId: 'listNotes',
    summary: 'Notes about a chat, the oldest first',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'All of them.', schema: z.object({ notes: z.array(noteShape) }) } },
    handle: async (request) => {
      const { chat } = await readChat(deps, keyOf(request), request.params.id);
      return {
        status: 200,
        body: { notes: (await deps.transcriptReads.annotations(chat.id)).notes.map(presentNote) },
      };
    },
  });
}

export function addNoteRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/notes',
    operationId: 'addNote',
    summary: 'Write a note about a chat, open or not',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    idempotencyKey: true,
    params: idParam,
    body: z
      .strictObject({
        text: z.string().min(1).max(NOTE_LENGTH),
        operator_id: id.optional(),
        author: name(100).optional().meta({ description: 'Who wrote it, where that is no operator.' }),
      })
      .refine(({ operator_id: operator, author }) => (operator === undefined) !== (author === undefined), {
        message: 'must name either operator_id or author',
        path: ['author'],
      }),
    refusals: ['not_found', 'conflict'],
    answers: { 201: { description: 'The note.', schema: z.object({ note: noteShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { text, operator_id: operatorId, author = '' } = request.body;
      return once(deps.transactions, request, async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const by = operatorId === undefined ? author : await activeOperator(tx, key, operatorId);
        return { status: 201, body: { note: presentNote(await addNote(tx, chat, by, text)) } };
      });
    },
  });
}

export function presentNote({ createdAt, operatorId, ...note }: Note): z.infer<typeof noteShape> {
  const { id, author, kind, text, corrects } = note;
  return { id, operator_id: operatorId, author, kind, text, corrects, created_at: createdAt.toISOString() };
}

export function presentRating({ score, words, ratedAt }: Rating): z.infer<typeof ratingShape> {
  return { score, words, rated_at: ratedAt.toISOString() };
}
