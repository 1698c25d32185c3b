import { FoyerError } from '../../shared/errors.js';
import type { Desk } from '../instances/instance.js';
import type { Tx } from '../ports.js';
import { say } from '../texts/say.js';
import { isOpen, type Chat } from './chat.js';
import type { ChatLimits } from './limits.js';
import { postWebMessage } from './post-web-message.js';

/** A page that somebody wants the visitor to see. */
export interface Redirect {
  /** Of the note in the record that tells of it; names it too. */
  number: number;
  url: string;
  /** The page offers it, or goes there by itself. */
  how: 'ask' | 'go';
  /** Whose idea it is. */
  name: string;
}

/** What a desk allows. */
export type RedirectPolicy = Pick<Desk, 'redirectTo' | 'redirectHow' | 'allowedOrigins'>;

/** Of a chat that belongs to no desk. */
const NO_DESK: RedirectPolicy = { redirectTo: 'same_site', redirectHow: 'ask', allowedOrigins: [] };
/** Characters. */
export const ADDRESS_LENGTH = 2_000;

/** Why not: the desk wants none; it is no address that a page may be sent to; it is another site's. */
export type RedirectRefusal = 'off' | 'address' | 'other_site';

/**
 * The address that the visitor's page may be sent to, in the form that browsers have. `/pricing` is a page of the site where the visitor is. A desk that lets
 * all sites in means by “same site” the one where the visitor is.
 */
export function checkRedirect(
  { redirectTo, allowedOrigins }: RedirectPolicy,
  pageUrl: string | null,
  typed: string,
): { url: string } | { refused: RedirectRefusal } {
  if (redirectTo === 'off') return { refused: 'off' };
  const text = typed.trim();
  // Browsers leave out or turn round some of these before they read on: what people see wouldn't be where it leads.
  if (text.length > ADDRESS_LENGTH || /[\s\\\p{C}]/u.test(text)) return { refused: 'address' };
  const here = pageUrl === null ? null : webAddress(pageUrl);
  const url = /^\/(?!\/)/.test(text) && here ? new URL(text, here) : webAddress(text);
  if (!url || url.username !== '' || url.password !== '' || url.href.length > ADDRESS_LENGTH)
    return { refused: 'address' };
  const same = url.origin === here?.origin || allowedOrigins.includes(url.origin);
  return redirectTo === 'any' || same ? { url: url.href } : { refused: 'other_site' };
}

function webAddress(text: string): URL | null {
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
}

const REFUSALS: Record<RedirectRefusal, string> = {
  off: 'This desk sends no page anywhere.',
  address: 'This is no http or https address without name and password.',
  other_site: 'This desk sends pages only to its own site.',
};

/**
 * Has the visitor's page offer an address, or go there, as the desk wants it; a note in the record says so. A newer one takes the place of one that the page
 * hasn't followed. The chat must be locked.
 * @param name whose idea it is, as the visitor reads it
 * @throws FoyerError `redirect_refused`, with why as `reason` | `chat_closed` | `chat_full`
 */
export async function redirectVisitor(
  tx: Tx,
  limits: ChatLimits,
  chat: Chat,
  typed: string,
  name: string,
): Promise<Redirect> {
  if (!isOpen(chat)) throw new FoyerError('chat_closed', 'This chat is closed; begin another.');
  const policy = (chat.deskId === null ? undefined : await tx.instances.desk(chat.deskId)) ?? NO_DESK;
  const visitor = await tx.visitors.peek(chat.visitorId);
  const checked = checkRedirect(policy, visitor?.pageUrl ?? null, typed);
  if ('refused' in checked)
    throw new FoyerError('redirect_refused', REFUSALS[checked.refused], { reason: checked.refused });
  const { url } = checked;
  const how = policy.redirectHow;
  const text = say(visitor?.language ?? 'en', { key: `redirect_note_${how}`, values: { name, url } });
  const note = { sender: 'system', text, senderKey: `b:${tx.newId()}`, operator: null, name: null } as const;
  const { number } = await postWebMessage(tx, limits, chat, note);
  const redirect = { number, url, how, name };
  chat.redirect = JSON.stringify(redirect);
  tx.feed.append(chat, { kind: 'redirect', ...redirect });
  return redirect;
}

/** What the page hasn't followed yet. */
export function openRedirect(chat: Chat): Redirect | null {
  return chat.redirect !== null && isOpen(chat) ? (JSON.parse(chat.redirect) as Redirect) : null;
}

/**
 * One page of the visitor goes there: the others, and those that come after it, don't any more. The chat must be locked.
 * @throws FoyerError `conflict` when another page has gone, or there is a newer one
 */
export function followRedirect(tx: Tx, chat: Chat, number: number): void {
  if (openRedirect(chat)?.number !== number)
    throw new FoyerError('conflict', 'Another page has followed this, or it is over.');
  chat.redirect = null;
  tx.feed.append(chat, { kind: 'chat' });
}
