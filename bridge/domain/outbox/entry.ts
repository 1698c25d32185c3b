/**
 * What leaves Foyer. An entry is written in the transaction of the effect that causes it, and moved afterwards by a courier.
 * Entries of one lane leave in the order in which they were written; lanes are independent of each other.
 */
export type OutboxEntry = XmppEntry | HelpdeskEntry | MailEntry;

/** The lane of everything that an account says or is: its provisioning, presence and messages, in order. */
export type XmppEntry =
  /** Make the account exist on ejabberd with its stored password, name and roster group. Idempotent. */
  | { kind: 'account.provision' }
  /** Let nobody log in to the account until it is provisioned again, and end its sessions. Idempotent. */
  | { kind: 'account.lock' }
  /** Remove the shared roster groups of an instance on this account's host, and the rooms that its people made. Idempotent. */
  | { kind: 'groups.remove'; instance: string }
  /** Remove the account, its roster entries, vCard, archive and offline messages. Idempotent. */
  | { kind: 'account.remove' }
  /** Remove what was said with this account from an operator's archive (XEP-0313); bare JID. Idempotent. */
  | { kind: 'archive.forget'; operator: string }
  /** Set the account's vCard name (what operators' rosters show at their next login). */
  | { kind: 'account.rename'; name: string }
  /** Open the session if there is none and broadcast presence; the newest one wins. */
  | { kind: 'xmpp.presence'; nick: string; status: string }
  /** End the session (the visitor has gone). */
  | { kind: 'xmpp.offline' }
  | XmppMessage
  | RoomEntry
  /**
   * XEP-0085. Best effort: one that is older than a few seconds is dropped instead of sent late. `preview`: all that stands in the visitor's field, for
   * clients that show it (XEP-0301).
   */
  | { kind: 'xmpp.chat-state'; to: string; state: ChatState; preview?: string }
  /** XEP-0184: tells the operator's client that its message is in the record. */
  | { kind: 'xmpp.receipt'; to: string; messageId: string }
  /** XEP-0333: tells the operator's client that the page showed its message. */
  | { kind: 'xmpp.displayed'; to: string; messageId: string };

type ChatState = 'active' | 'composing' | 'paused' | 'inactive' | 'gone';

/** About rooms: in the lane of the service account, or of the one that takes part. */
export type RoomEntry =
  /** Make it on ejabberd, or give it the title that it has now. Idempotent, as all that follow. */
  | { kind: 'room.make'; room: number }
  | { kind: 'room.destroy'; room: number }
  /** Let an account in, and tell it so with the password (XEP-0249). `moderate`: it may put others out; `admit_to_watch`: without a voice. */
  | { kind: 'room.invite'; room: number; to: string; id: string; body: string; what?: 'moderate' | 'admit_to_watch' }
  /** Nobody whom it may concern is let in any more; who is in it is put out. Localpart. */
  | { kind: 'room.dismiss'; room: number; user: string }
  /** Put an account out, and tell all why: it may come back after `kick`, and not between `ban` and `unban`. Localpart. */
  | { kind: 'room.put-out'; room: number; user: string; how: 'kick' | 'ban' | 'unban'; reason: string }
  /** The lane's account takes part under this nick, now and after every reconnect, until it leaves. */
  | { kind: 'room.join'; room: number; nick: string }
  | { kind: 'room.leave'; room: number }
  | RoomMessageEntry
  /** XEP-0085 to all in the room; like `xmpp.chat-state` dropped instead of sent late. */
  | { kind: 'room.chat-state'; to: string; state: ChatState }
  | { kind: 'room.subject'; to: string; id: string; subject: string };

export interface RoomMessageEntry {
  kind: 'room.message';
  /** The room's JID; the lane's account must be in it. */
  to: string;
  /** Stanza id: stable over retries, so that mod_foyer drops a repeat. */
  id: string;
  body: string;
  /** Id of an earlier message of the same account in whose place it is shown (XEP-0308). */
  replaces?: string;
  /** Set when the record follows how far it comes: a visitor's message that goes nowhere else. */
  track?: { chatId: number; number: number };
}

export interface XmppMessage {
  kind: 'xmpp.message';
  /** Bare JID of the operator. */
  to: string;
  /** Stanza id: stable over retries, so that mod_foyer and the operator's client can drop a repeat. */
  id: string;
  body: string;
  /** Set when the record follows this stanza's delivery: a visitor's message. Notices have none. */
  track?: { chatId: number; number: number };
  /** Id of an earlier stanza in whose place it is shown (XEP-0308). */
  replaces?: string;
  /** Id of an earlier stanza that is taken back (XEP-0424); `body` is for clients that can't. */
  retracts?: string;
}

/** Lane per chat (or per visitor, or one for operators' presence): a signed POST to the instance's callback address. */
export interface HelpdeskEntry {
  kind: 'helpdesk.callback';
  /** Event type, for example `operator.message`. */
  type: string;
  /** What the helpdesk reads as `data`. */
  data: Record<string, unknown>;
  /** RFC 3339; when the event happened. */
  at: string;
  /** Set when a person sends it again: the id that the helpdesk may have seen before. */
  webhookId?: string;
}

/** Lane per chat or message: one mail. What it says is written when it leaves, so that nothing of a person waits here who has been forgotten. */
export interface MailEntry {
  kind: 'mail.send';
  /** The left part of its Message-ID: the same over all tries, so that a repeat is known as one. */
  id: string;
  to: string;
  /** Ids of a chat or of a message that was left; one of them. */
  about: { chat: number; message?: undefined } | { message: number; chat?: undefined };
  /** Visitors read what was said; a desk reads all that is known. */
  reader: 'visitor' | 'desk';
  language: string;
}

/** An entry as a courier gets it. */
export interface DueEntry {
  id: number;
  entry: OutboxEntry;
  /** Whom it is about. */
  instanceId: number;
  /** Earlier tries of this entry. */
  attempts: number;
  createdAt: Date;
}

/**
 * What became of an entry.
 * - `done`: it has its effect; never send again. `unsent`: it needs none any more, whatever waits before it.
 * - `retry`: try again later (the lane waits); `afterMs` when the other side named a time.
 * - `dead`: it can't succeed; it goes to the dead letters, and the lane goes on.
 */
export type Outcome =
  | { result: 'done'; unsent?: true }
  | { result: 'retry'; reason: string; afterMs?: number }
  | { result: 'dead'; reason: string; refusal?: Refusal };

/** Why a helpdesk doesn't take a callback, in its own words. */
export interface Refusal {
  /** For a program: `chat_closed` and `chat_taken` mean what they mean in this API. */
  code: string;
  /** For people, on one line; may be empty. */
  detail: string;
}
