import { FoyerError } from '../../shared/errors.js';
import type { Chat } from '../chats/chat.js';
import type { Visitor } from '../visitors/visitor.js';
import type { Desk } from './instance.js';

/** Where a visitor can go on when a chat is over or nobody is there: a forum, a ticket form. The desk names it as an address with placeholders. */

const PLACEHOLDER = /\{([^{}]{1,40})\}/g;
/** Browsers and servers agree about that much. */
const LINK_LENGTH = 2000;

/**
 * The link for this visitor, each value encoded as a part of an address; what isn't known is empty. Null where the desk has none, or it would be no http(s)
 * address or longer than 2,000 characters.
 */
export function followUpLink(
  { followUp, key }: Pick<Desk, 'followUp' | 'key'>,
  visitor: Visitor | undefined,
  chat?: Pick<Chat, 'number'>,
): string | null {
  if (followUp === null) return null;
  const known: Record<string, string | null | undefined> = {
    ...visitor?.custom,
    ...{ desk: key, chat: chat && String(chat.number), name: visitor?.nick, email: visitor?.email },
    ...{ language: visitor?.language, page: visitor?.pageUrl, title: visitor?.pageTitle, referrer: visitor?.referrer },
  };
  const link = filled(followUp, (name) => (Object.hasOwn(known, name) ? (known[name] ?? '') : ''));
  return isWeb(link) && link.length <= LINK_LENGTH ? link : null;
}

/**
 * No value can lead to another site: placeholders stand behind the host.
 * @throws FoyerError `invalid_request`
 */
export function checkFollowUp(template: string): void {
  const [one, other] = ['a', 'b'].map((value) => filled(template, () => value)) as [string, string];
  if (!isWeb(one) || !isWeb(other) || new URL(one).origin !== new URL(other).origin)
    throw new FoyerError('invalid_request', 'follow_up: must be an http(s) address with placeholders behind the host.');
}

function filled(template: string, valueOf: (name: string) => string): string {
  return template.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(valueOf(name).toWellFormed()));
}

function isWeb(text: string): boolean {
  return /^https?:\/\/[^\s<>"']+$/i.test(text) && URL.canParse(text);
}
