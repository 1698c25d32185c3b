import type { Chat, DeliveryState, FeedEvent, Message } from './types.js';

/** What an operator's client has after all hasn't failed. */
const RANK: Record<DeliveryState, number> = { stored: 0, sent: 1, acked: 2, failed: 3, delivered: 4, seen: 5 };

/** What the page knows of one chat. Applying the same event twice changes nothing. */
export interface Timeline {
  chat(): Chat | null;
  /** Ascending by number. */
  messages(): Message[];
  /** Begins anew with another chat, or with none. */
  reset(chat: Chat | null): void;
  /** Newer facts about the same chat. */
  update(chat: Chat): void;
  /** Adds messages, each once by its number; of two versions the corrected and the further delivered one stays. */
  merge(messages: Message[]): void;
  /** Takes an event of this chat; events of other chats are left to the caller. */
  apply(event: FeedEvent): void;
  /** The visitor saw everything up to `number`. */
  see(number: number): void;
  /** Operator messages that the visitor hasn't seen, ascending. */
  unread(): Message[];
  /** Highest number up to which no message is missing. */
  complete(): number;
}

function further(a: DeliveryState, b: DeliveryState): DeliveryState {
  return RANK[a] >= RANK[b] ? a : b;
}

/** A timeline without a chat. */
export function createTimeline(): Timeline {
  let chat: Chat | null = null;
  let seen = 0;
  const byNumber = new Map<number, Message>();

  const sorted = (): Message[] => [...byNumber.values()].sort((a, b) => a.number - b.number);

  function update(newer: Chat): void {
    chat = newer;
    seen = Math.max(seen, newer.seen.visitor);
  }

  function merge(messages: Message[]): void {
    for (const message of messages) {
      const known = byNumber.get(message.number);
      const older = known && (known.corrected_at ?? '') > (message.corrected_at ?? '');
      byNumber.set(message.number, {
        ...(older ? known : message),
        state: known ? further(known.state, message.state) : message.state,
      });
    }
  }

  return {
    chat: () => chat,
    messages: sorted,
    reset(next) {
      byNumber.clear();
      seen = 0;
      chat = null;
      if (next) update(next);
    },
    update,
    merge,
    apply({ data }) {
      if ('message' in data) merge([data.message]);
      else if ('position' in data && chat) chat = { ...chat, ...data };
      else if ('chat' in data && data.chat) update(data.chat);
      else if ('states' in data) {
        for (const { from, to, state } of data.states) {
          for (const message of byNumber.values()) {
            if (message.sender !== 'visitor' || message.number < from || message.number > to) continue;
            byNumber.set(message.number, { ...message, state: further(message.state, state) });
          }
        }
      }
    },
    see(number) {
      seen = Math.max(seen, number);
    },
    unread: () => sorted().filter((message) => message.sender === 'operator' && message.number > seen),
    complete() {
      let number = 0;
      while (byNumber.has(number + 1)) number += 1;
      return number;
    },
  };
}
