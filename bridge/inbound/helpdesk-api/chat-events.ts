import { z } from 'zod';
import { parseCursor } from '../../domain/chats/feed.js';
import type { KeyCredential } from '../../domain/reads.js';
import { defineRoute, type Route } from '../http/route.js';
import { cursorText, eventShapes, waitSeconds } from '../listening/events.js';
import { followChat } from '../listening/follow-chat.js';
import { poll, type Heard } from '../listening/listener.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idParam } from './inputs.js';
import { keyOf, readChat } from './own.js';
import { helpdeskChatShape, helpdeskMessageShape, presentChat, presentMessage } from './present.js';

const helpdeskEvent = eventShapes('Helpdesk', {
  chatId: z.int(),
  chat: helpdeskChatShape,
  message: helpdeskMessageShape,
});
type HelpdeskEvent = z.infer<typeof helpdeskEvent>;

/** For a helpdesk that can't be called back: the chat's feed by long poll. */
export function chatEventsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats/:id/events',
    operationId: 'listenToChat',
    summary: 'What happens in a chat, from a cursor on',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    query: z.strictObject({
      cursor: cursorText
        .optional()
        .meta({ description: 'Where the last answer left off; without one from the beginning of the chat.' }),
      wait: waitSeconds.default(0).meta({ description: 'Seconds to wait for something to happen.' }),
    }),
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'The events since the cursor.',
        schema: z.object({ events: z.array(helpdeskEvent), cursor: z.string() }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { chat } = await readChat(deps, key, request.params.id);
      const given = request.query.cursor === undefined ? null : parseCursor(request.query.cursor);
      const from = { chatId: chat.id, number: given?.chatId === chat.id ? given.number : 0 };
      const listening = {
        ...{ wake: deps.wake, shutdown: deps.shutdown, visitorId: chat.visitorId, from },
        look: (cursor: typeof from | null) => readEvents(deps, key, chat.id, cursor?.number ?? 0),
      };
      return { status: 200, body: await poll(listening, request.query.wait) };
    },
  });
}

async function readEvents(
  deps: HelpdeskApiDeps,
  key: Pick<KeyCredential, 'instanceId' | 'supervisor'>,
  chatId: number,
  after: number,
): Promise<Heard<HelpdeskEvent>> {
  const view = await readChat(deps, key, chatId);
  return followChat(deps.reads, view.chat, after, {
    chat: () => presentChat(view),
    message: (message) => presentMessage((id) => deps.reads.operator(id), message),
  });
}
