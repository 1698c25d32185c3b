/** Shapes of the visitor API as the widget reads them. */

export type ChatState = 'waiting' | 'offered' | 'active' | 'invited' | 'closed' | 'abandoned' | 'missed';

/** How far a message of the visitor has come on its way to the operator. */
export type DeliveryState = 'stored' | 'sent' | 'acked' | 'delivered' | 'seen' | 'failed';

export interface Chat {
  id: number;
  number: number;
  state: ChatState;
  operator: { name: string } | null;
  created_at: string;
  closed_at: string | null;
  /** Highest message number of the chat; 0 while it is empty. */
  last_number: number;
  /** Highest message number that each side has seen. */
  seen: { visitor: number; operator: number };
  /** 1 to 5; null before the visitor rated the chat. */
  rating: number | null;
  /** The chat is over, and its visitor may not begin another. */
  banned?: boolean;
  /** A page that the visitor is to see and hasn't gone to yet; the page asks first, or goes there. */
  redirect?: { number: number; url: string; how: 'ask' | 'go'; name: string } | null;
  /** The operator sees what is being typed before it is sent. */
  preview?: boolean;
  /** Where the visitor can go on once it is over. */
  follow_up?: string | null;
  /** Place in the queue, from 1; only while the chat waits. */
  position?: number | null;
  /** How long that will take; null where nobody can say. */
  wait_seconds?: number | null;
}

export interface Message {
  number: number;
  sender: 'visitor' | 'operator' | 'system';
  /** The operator's display name; null for the others. */
  name: string | null;
  text: string;
  state: DeliveryState;
  created_at: string;
  corrected_at: string | null;
  /** Marks in the text are only letters. */
  unstyled?: boolean;
  client_message_id?: string | null;
}

export interface Desk {
  key: string;
  name: string;
  open: boolean;
  /** This visitor may not chat here, whether or not the desk is open. */
  banned?: boolean;
  ask_rating: boolean;
  /** The conversation can be had by mail. */
  mail?: boolean;
  /** Where the visitor can go on while it is closed. */
  follow_up?: string | null;
  /** When it will be open, where it is closed and that is known. */
  opens_at?: string | null;
  texts: { greeting?: string | null; placeholder?: string | null; closed?: string | null; wait?: string | null };
  /** That the widget speaks here; null: what the page likes. */
  language?: string | null;
  /** Whether the widget shows itself on this page. */
  shown?: boolean;
  /** What may be said after so many seconds on this page. */
  greeting?: { name: string; after_seconds: number } | null;
  /** Asked before a chat. */
  questions?: Question[];
}

export interface Question {
  key: string;
  kind: 'name' | 'email' | 'topic' | 'text' | 'long_text' | 'choice' | 'consent';
  label: string;
  required: boolean;
  max_length: number;
  choices: { value: string; label: string }[];
}

/** What the page tells about itself. */
export interface Page {
  url: string;
  title?: string;
  referrer?: string;
}

export interface Visit {
  /** Only when the visitor was newly made. */
  token?: string;
  visitor: { id: number };
  desk: Desk;
  chat: Chat | null;
}

export interface ChatMessages {
  chat: Chat;
  messages: Message[];
  /** Messages after these remain. */
  more: boolean;
  /** Where to listen from, as of `chat`. */
  cursor: string;
}

interface EventHead {
  cursor: string;
  chat: number | null;
}

export type FeedEvent = EventHead &
  (
    | { kind: 'chat'; data: { chat: Chat | null } }
    | { kind: 'message' | 'message_updated'; data: { message: Message } }
    | { kind: 'states'; data: { states: { from: number; to: number; state: DeliveryState }[] } }
    | { kind: 'position'; data: { position: number; wait_seconds: number | null } }
    | { kind: 'redirect'; data: { chat: Chat } }
    | { kind: 'typing'; data: { typing: boolean; name: string } }
    | { kind: 'reset'; data: Record<string, never> }
  );

/** True while the visitor may still write into the chat. */
export function isOpen(chat: Chat | null): chat is Chat {
  return chat !== null && !chat.closed_at && !['closed', 'abandoned', 'missed'].includes(chat.state);
}
