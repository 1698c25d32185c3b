import type { ToSite } from '../protocol.js';
import { type Api, ApiError } from './api.js';
import { backoff } from './backoff.js';
import { createFeed } from './feed.js';
import { createGapCheck } from './gap-check.js';
import { createOperatorTyping } from './operator-typing.js';
import { createOutbox, type Unsent } from './outbox.js';
import { createTimeline } from './timeline.js';
import type { Timers } from './timers.js';
import { createTrouble } from './trouble.js';
import { type Chat, type ChatMessages, type Desk, type FeedEvent, isOpen, type Message, type Page } from './types.js';
import { createTypingNotice } from './typing.js';

const RECENT_MS = 12 * 3600_000; // a chat that ended longer ago isn't shown again

export interface SessionOptions {
  api: Api;
  timers: Timers;
  newId: () => string;
  desk: Desk;
  page: Page;
  nick: string | undefined;
  /** Tells the site's page, which keeps what must last and shows what is unread. */
  tell(message: ToSite): void;
  /** Gets another token; never rejects. */
  renew(): Promise<void>;
  onChange(): void;
}

/** What the window shows. */
export interface Picture {
  desk: Desk;
  chat: Chat | null;
  messages: Message[];
  /** Texts of the visitor that the bridge doesn't have yet. */
  unsent: Unsent[];
  /** Name of the operator who types, "" when unknown; null when nobody does. */
  typing: string | null;
  /** The connection has been lost for a while. */
  trouble: boolean;
}

/** To the desk's questions, by their keys. */
export type Answers = Record<string, string | boolean>;

export type Session = ReturnType<typeof createSession>;

/** One visitor's conversation in one tab: binds the feed, the outbox and the timeline. Knows no DOM. */
export function createSession(options: SessionOptions) {
  const { api, timers, tell, renew, onChange } = options;
  let { desk, page } = options;
  let watching = false;
  let toldSeen = 0;
  let toldUnread = '';
  let answers: Answers | undefined;
  let loads = 0;
  /** The chat that is being read. */
  let loading = 0;

  const timeline = createTimeline();
  const trouble = createTrouble(timers, onChange);
  const typing = createOperatorTyping(timers, onChange);
  const checkGap = createGapCheck(timers, timeline, (chat) => void load(chat));
  const feed = createFeed({ api, timers, onEvent, onLive, onUnauthorized: renew });
  const notice = createTypingNotice(timers, (on) => void note('typing', { typing: on }));
  const outbox = createOutbox({
    timers,
    post,
    put: (entry) => tell({ type: 'put', entry }),
    drop: (id) => tell({ type: 'drop', id }),
    onUnauthorized: renew,
    onChange: changed,
  });

  /** The chat that the visitor can write into. */
  function openChat(): Chat | null {
    const chat = timeline.chat();
    return isOpen(chat) ? chat : null;
  }

  /** Says something about the chat that may get lost; false when it did. */
  async function note(what: string, body: object): Promise<boolean> {
    const chat = openChat();
    if (!chat) return true;
    return api.call(`chats/${chat.id}/${what}`, body).then(
      () => true,
      () => false,
    );
  }

  const pause = (failures: number): Promise<void> =>
    new Promise((resolve) => timers.after(backoff(failures, timers.random), resolve));

  /** The visitor looks at the newest messages: says so until the bridge knows, or there are newer ones. */
  async function see(chat: Chat): Promise<void> {
    const newest = timeline.unread().at(-1)?.number;
    if (!newest) return;
    toldSeen = newest;
    timeline.see(newest);
    tell({ type: 'seen', chat: chat.id, number: newest });
    for (let failures = 1; newest === toldSeen && !(await note('seen', { number: newest })); failures += 1) {
      await pause(failures);
    }
  }

  function changed(): void {
    const chat = timeline.chat();
    if (chat && watching) void see(chat);
    const unread = timeline.unread();
    const newest = unread.length ? `${chat?.id}.${unread.at(-1)?.number}` : '';
    if (newest !== toldUnread) tell({ type: 'unread', count: unread.length, newest });
    toldUnread = newest;
    const arrived = new Set(timeline.messages().map((message) => message.client_message_id));
    for (const { id } of outbox.entries()) if (arrived.has(id)) outbox.remove(id);
    checkGap();
    onChange();
  }

  function show(chat: Chat | null): void {
    if (chat && chat.id === timeline.chat()?.id) return timeline.update(chat);
    timeline.reset(chat);
    toldSeen = 0;
    typing.set(null);
  }

  /** Reads the chat's messages that aren't here yet and listens from there; tries until it is done or another load begins. */
  async function load(id: number): Promise<void> {
    const mine = (loads += 1);
    let cursor: string | undefined;
    let known = timeline.chat()?.id === id ? timeline.complete() : 0;
    loading = id;
    for (let failures = 0; mine === loads;) {
      try {
        const part = await api.call<ChatMessages>(`chats/${id}?after=${known}`);
        if (mine !== loads) return;
        failures = 0;
        cursor ??= part.cursor; // the first: what changes between two parts comes again as an event
        show(part.chat);
        timeline.merge(part.messages);
        known = part.messages.at(-1)?.number ?? known;
        if (part.more) continue;
        loading = 0;
        feed.start(cursor);
        changed();
        return;
      } catch (error) {
        if (mine !== loads) return;
        const { status } = error as ApiError;
        if (status === 404) return unload();
        if (status === 401) await renew();
        else trouble.set(false);
        failures += 1;
        await pause(failures);
      }
    }
  }

  /** Listens for whatever chat comes. */
  function unload(): void {
    loads += 1;
    loading = 0;
    feed.start(null);
  }

  function onEvent(event: FeedEvent): void {
    const current = timeline.chat();
    if (event.kind === 'reset') return current ? void load(current.id) : unload();
    const chat = event.kind === 'chat' ? event.data.chat : null;
    if (chat && chat.id !== current?.id) {
      if (isOpen(chat)) void load(chat.id);
    } else if (event.chat === current?.id) {
      if (event.kind === 'typing') typing.set(event.data.typing ? event.data.name : null);
      else if (event.kind === 'message' ? event.data.message.sender === 'operator' : chat && !isOpen(chat))
        typing.set(null);
      timeline.apply(event);
      changed();
    }
  }

  function onLive(live: boolean): void {
    trouble.set(live);
    if (live) outbox.wake();
  }

  async function post(entries: Unsent[]): Promise<void> {
    const texts = entries.map(({ id, text }) => ({ client_message_id: id, text }));
    const chat = entries[0]?.chat;
    if (!chat) {
      const about = { desk: desk.key, page, nick: options.nick, answers };
      const begun = await api
        .call<{ chat: Chat; message: Message }>('chats', { ...about, ...texts[0] })
        .catch((error: ApiError) => {
          if (/^desk/.test(error.code)) desk.open = false;
          throw error;
        });
      outbox.bind(begun.chat.id);
      show(begun.chat);
      return timeline.merge([begun.message]);
    }
    try {
      const { messages } = await api.call<{ messages: Message[] }>(`chats/${chat}/messages`, { messages: texts });
      if (chat === timeline.chat()?.id) timeline.merge(messages);
    } catch (error) {
      if ((error as ApiError).code === 'chat_closed' && chat === timeline.chat()?.id) void load(chat);
      throw error;
    }
  }

  return {
    picture: (): Picture => ({
      desk,
      chat: timeline.chat(),
      messages: timeline.messages(),
      unsent: outbox.entries(),
      typing: typing.name(),
      trouble: trouble.lasts(),
    }),
    /** Begins with what the page view answered and what the page kept. */
    start(chat: Chat | null, unsent: Unsent[], listen: boolean): void {
      if (listen) trouble.set(false);
      else feed.stop();
      outbox.adopt(unsent, false);
      if (chat && (!chat.closed_at || timers.now() - Date.parse(chat.closed_at) < RECENT_MS)) void load(chat.id);
      else unload();
    },
    /** The text is in the outbox when this returns. */
    send(text: string): void {
      notice.sent();
      outbox.add({ id: options.newId(), text, chat: openChat()?.id ?? null, at: timers.now() });
    },
    call: api.call,
    /** What goes with the next chat's first message. */
    answer(given: Answers | undefined): void {
      answers = given;
    },
    renew,
    typed: notice.typed,
    retry: (id: string): void => outbox.retry(id, openChat()?.id ?? null),
    remove: outbox.remove,
    /** Ends the chat, or turns the invitation down; rejects when the bridge could not be told. */
    async end(): Promise<void> {
      const chat = openChat();
      if (!chat) return;
      timeline.see(timeline.messages().at(-1)?.number ?? 0);
      show((await api.call<{ chat: Chat }>(`chats/${chat.id}/close`, {})).chat);
      changed();
    },
    /** Clears the window for another chat, which begins with its first message. */
    renewChat(): void {
      show(null);
      unload();
      changed();
    },
    /** True while the visitor can see the messages. */
    watch(on: boolean): void {
      watching = on;
      changed();
    },
    listen(on: boolean): void {
      if (on) feed.resume();
      else feed.stop();
      trouble.set(true); // nothing is wrong with a connection that isn't wanted, or is only just being made
    },
    /** The page or the network is back. */
    wake(soft: boolean): void {
      if (loading) void load(loading);
      else feed.wake(soft);
      outbox.wake();
    },
    /** The visitor is a new one: the old chat can't be read any more. */
    forget(): void {
      const chat = openChat();
      outbox.bind(null);
      if (chat) timeline.update({ ...chat, state: 'closed' });
      unload();
      changed();
    },
    visited(now: Desk, chat: Chat | null, where: Page): void {
      desk = now;
      page = where;
      if (chat && chat.id === timeline.chat()?.id) timeline.update(chat);
      else if (isOpen(chat)) void load(chat.id);
      changed();
    },
    /** Another tab's outbox changed. */
    merge(put: Unsent[], dropped: string[]): void {
      dropped.forEach(outbox.remove);
      outbox.adopt(put, true);
    },
    /** Another tab showed these messages. */
    seenElsewhere(chat: number, number: number): void {
      if (chat !== timeline.chat()?.id) return;
      timeline.see(number);
      changed();
    },
  };
}
