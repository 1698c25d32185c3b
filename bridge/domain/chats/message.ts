/** One text in a chat, numbered 1, 2, 3… within it. */
export interface Message {
  readonly chatId: number;
  readonly instanceId: number;
  readonly number: number;
  readonly sender: Sender;
  readonly operatorId: number | null;
  /** Who wrote it in the helpdesk's pages, where that is no operator whom Foyer knows. */
  readonly authorName: string | null;
  readonly text: string;
  /** What the sender calls it; the same key twice in a chat is one message. Prefixed by door: `p:` page, `x:` XMPP event, `h:` helpdesk. */
  readonly senderKey: string;
  /** The operator's own stanza id, if its client gave one. */
  readonly stanzaId: string | null;
  /** The operator's client asked for a displayed marker (XEP-0333). */
  readonly markable: boolean;
  /** Marks in the text are only letters (XEP-0393): its writer wants them left alone. */
  readonly unstyled: boolean;
  readonly state: DeliveryState;
  /** When it came so far; null for a state that it hasn't reached, or has passed over. */
  readonly ackedAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly seenAt: Date | null;
  readonly correctedAt: Date | null;
  /** Its words are gone. */
  readonly deletedAt: Date | null;
  readonly createdAt: Date;
}

export type Sender = 'visitor' | 'operator' | 'system';

/**
 * How far a message has come. A visitor's: `stored` in the record, `sent` to ejabberd, `acked` by ejabberd (XEP-0198), `failed` (bounced or given up),
 * `delivered` to the operator's client (XEP-0184), `seen` there (XEP-0333). An operator's: `stored`, then `seen` once the page showed it. Only ever
 * forward in this order: what an operator's client has after all hasn't failed.
 */
export type DeliveryState = 'stored' | 'sent' | 'acked' | 'failed' | 'delivered' | 'seen';

/** Also the order of the column's values. */
export const DELIVERY_ORDER: readonly DeliveryState[] = ['stored', 'sent', 'acked', 'failed', 'delivered', 'seen'];

export function isFurther(state: DeliveryState, than: DeliveryState): boolean {
  return DELIVERY_ORDER.indexOf(state) > DELIVERY_ORDER.indexOf(than);
}

/** UTF-8 length, which is what the limits count. */
export function textBytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/**
 * The stanza id of a visitor's message to one operator. It names the message, so that receipts and markers that come back need no table, and the
 * operator, so that mod_foyer doesn't take the copy for another operator for a repeat.
 */
export function stanzaIdOf(message: { chatId: number; number: number }, operatorId: number): string {
  return `foyer.${message.chatId}.${message.number}.${operatorId}`;
}

/** The same of what was written in the helpdesk's pages: later stanzas that change it name it. No receipts are asked for. */
export function webStanzaIdOf(message: { chatId: number; number: number }, operatorId: number): string {
  return `foyer-notice.web.${message.chatId}.${message.number}.${operatorId}`;
}

const STANZA_ID = /^foyer\.(\d{1,15})\.(\d{1,9})\.(\d{1,9})$/;

/** The message that a receipt or marker is about, or null when the id isn't one of ours. */
export function parseStanzaId(id: string): { chatId: number; number: number; operatorId: number } | null {
  const match = STANZA_ID.exec(id);
  if (!match) return null;
  return { chatId: Number(match[1]), number: Number(match[2]), operatorId: Number(match[3]) };
}
