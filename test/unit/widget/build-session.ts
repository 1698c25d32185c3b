import { createSession } from '../../../bridge/widget/core/session.js';
import type { Chat, Message } from '../../../bridge/widget/core/types.js';
import type { ToSite } from '../../../bridge/widget/protocol.js';
import { buildMessage, fakeBridge } from './fake-bridge.js';
import { fakeTimers } from './fake-timers.js';

const desk = { key: 'main', name: 'Shop', open: true, ask_rating: false, texts: {} };
/** What the page tells about itself. */
export const page = { url: 'https://shop.example/' };

/** A session whose bridge has these messages in its chat. */
export async function withSession(chat: Chat | null, messages: Message[] = [], begin = true) {
  const timers = fakeTimers();
  const bridge = fakeBridge();
  const told: ToSite[] = [];
  let ids = 0;
  let renewals = 0;
  const record = { chat, messages };
  bridge.auto = (path) => {
    const [, id, after] = /^chats\/(\d+)\?after=(\d+)$/.exec(path) ?? [];
    if (!id || record.chat?.id !== Number(id)) return undefined;
    const list = record.messages.filter(({ number }) => number > Number(after));
    return { chat: record.chat, messages: list, more: false, cursor: `${id}.${record.messages.length}` };
  };
  const session = createSession({
    api: bridge.api,
    timers,
    newId: () => `id ${(ids += 1)}`,
    desk,
    page,
    nick: undefined,
    tell: (message) => told.push(message),
    renew: async () => void (renewals += 1),
    onChange: () => undefined,
  });
  if (begin) session.start(chat, [], true);
  await timers.settle();
  const texts = (): string[] => session.picture().messages.map(({ text }) => text);
  const unread = (): number => told.findLast((message) => message.type === 'unread')?.count ?? 0;
  return {
    timers,
    bridge,
    told,
    record,
    session,
    texts,
    unread,
    renewals: () => renewals,
    stream: () => bridge.streams.at(-1)!,
  };
}

/** A message of the visitor, sent under this id. */
export const own = (number: number, id: string, change: Partial<Message> = {}): Message =>
  buildMessage(number, { sender: 'visitor', name: null, client_message_id: id, ...change });
