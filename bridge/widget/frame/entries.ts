import type { Unsent } from '../core/outbox.js';
import type { Picture } from '../core/session.js';
import type { Message } from '../core/types.js';

const GROUP_MS = 5 * 60_000;

/** One line of the log. Lines with the same key are the same line, also when a text of the outbox becomes a message. */
export type Entry = { key: string } & (
  | { kind: 'day'; at: number }
  | { kind: 'system'; text: string }
  | {
      kind: 'text';
      own: boolean;
      /** Continues the line before: same writer, little later. */
      follows: boolean;
      name: string;
      text: string;
      /** Null for the greeting. */
      at: number | null;
      edited: boolean;
      /** Its marks are not to be read. */
      unstyled: boolean;
      /** Own texts only. */
      state: 'sending' | 'refused' | Message['state'] | null;
    }
);

type TextEntry = Extract<Entry, { kind: 'text' }>;

function fromMessage(message: Message): TextEntry {
  const own = message.sender === 'visitor';
  return {
    key: message.client_message_id || `number ${message.number}`,
    kind: 'text',
    own,
    follows: false,
    name: message.name ?? '',
    text: message.text,
    at: Date.parse(message.created_at),
    edited: message.corrected_at !== null,
    unstyled: !!message.unstyled,
    state: own ? message.state : null,
  };
}

function fromUnsent(unsent: Unsent): TextEntry {
  const state = unsent.failed ? 'refused' : 'sending';
  const common = {
    key: unsent.id,
    kind: 'text',
    own: true,
    follows: false,
    name: '',
    edited: false,
    unstyled: false,
  } as const;
  return { ...common, text: unsent.text, at: unsent.at, state };
}

/** The lines to show: the desk's greeting, days, messages by number, and last what isn't sent yet. */
export function listEntries({ desk, chat, messages, unsent }: Picture, welcome: string): Entry[] {
  const entries: Entry[] = [];
  let before: TextEntry | null = null;
  let day = '';

  function add(entry: TextEntry): void {
    const today = new Date(entry.at ?? 0).toDateString();
    if (entry.at && today !== day) {
      entries.push({ key: `day ${today}`, kind: 'day', at: entry.at });
      day = today;
      before = null;
    }
    const near = before && (entry.at ?? 0) - (before.at ?? 0) < GROUP_MS;
    entry.follows = Boolean(near && before?.own === entry.own && before.name === entry.name);
    entries.push(entry);
    before = entry;
  }

  if (chat?.state !== 'invited' && (desk.open || chat)) {
    const text = desk.texts.greeting || welcome;
    const plain = { own: false, follows: false, edited: false, unstyled: false, state: null } as const;
    entries.push({ key: 'greeting', kind: 'text', name: desk.name, text, at: null, ...plain });
  }
  for (const message of messages) {
    if (message.sender === 'system') {
      entries.push({ key: `number ${message.number}`, kind: 'system', text: message.text });
      before = null;
    } else add(fromMessage(message));
  }
  for (const entry of unsent) add(fromUnsent(entry));
  return entries;
}
