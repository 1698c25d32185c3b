import { xml, type Element } from '@xmpp/client';
import { assertNever } from '../../shared/assert-never.js';
import type { XmppEntry, XmppMessage } from '../../domain/outbox/entry.js';
import { cleanName, cleanText } from './xml-text.js';

const NS_RECEIPTS = 'urn:xmpp:receipts';
const NS_MARKERS = 'urn:xmpp:chat-markers:0';
const NS_CHAT_STATES = 'http://jabber.org/protocol/chatstates';
const NS_STANZA_ID = 'urn:xmpp:sid:0';
const NS_HINTS = 'urn:xmpp:hints';
const NS_CORRECTION = 'urn:xmpp:message-correct:0';
const NS_RETRACTION = 'urn:xmpp:message-retract:1';
const NS_FALLBACK = 'urn:xmpp:fallback:0';
const NS_RTT = 'urn:xmpp:rtt:0';
const NS_NICK = 'http://jabber.org/protocol/nick';

/** Entries that become a stanza of their own in the account's session. */
export type StanzaEntry = Extract<
  XmppEntry,
  {
    kind:
      | 'xmpp.message'
      | 'xmpp.chat-state'
      | 'xmpp.receipt'
      | 'xmpp.displayed'
      | 'room.message'
      | 'room.chat-state'
      | 'room.subject';
  }
>;

/** The stanza of an entry. Pure; text that XML can't hold is replaced. */
export function stanzaFor(entry: StanzaEntry): Element {
  switch (entry.kind) {
    case 'xmpp.message':
      return message(entry);
    case 'xmpp.chat-state':
      return passing(entry.to, xml(entry.state, { xmlns: NS_CHAT_STATES }), ...preview(entry.preview));
    case 'xmpp.receipt':
      return passing(entry.to, xml('received', { xmlns: NS_RECEIPTS, id: cleanText(entry.messageId) }));
    case 'xmpp.displayed':
      return passing(entry.to, xml('displayed', { xmlns: NS_MARKERS, id: cleanText(entry.messageId) }));
    case 'room.message':
      return inRoom(entry, xml('body', null, cleanText(entry.body)), ...replacement(entry.replaces));
    case 'room.chat-state':
      return toRoom(entry.to, xml(entry.state, { xmlns: NS_CHAT_STATES }), xml('no-store', { xmlns: NS_HINTS }));
    case 'room.subject':
      return inRoom(entry, xml('subject', null, cleanText(entry.subject)));
    default:
      return assertNever(entry);
  }
}

function inRoom({ to, id }: { to: string; id: string }, ...children: Element[]): Element {
  const stanza = toRoom(to, ...children, xml('origin-id', { xmlns: NS_STANZA_ID, id: cleanText(id) }));
  stanza.attrs['id'] = cleanText(id);
  return stanza;
}

function toRoom(to: string, ...children: Element[]): Element {
  return xml('message', { type: 'groupchat', to: cleanText(to) }, ...children);
}

function replacement(id: string | undefined): Element[] {
  return id === undefined ? [] : [xml('replace', { xmlns: NS_CORRECTION, id: cleanText(id) })];
}

/** Has the operator's client offer to enter a room (XEP-0249). */
export function invitationStanza(to: string, id: string, body: string, room: string, password: string): Element {
  return xml(
    'message',
    { to: cleanText(to), id: cleanText(id) },
    xml('body', null, cleanText(body)),
    xml('x', { xmlns: 'jabber:x:conference', jid: room, password, reason: cleanText(body) }),
  );
}

/** As XML in one piece. The element's own `toString` leaves a tree of its pieces on the heap for as long as the text is kept. */
export function textOf(stanza: Element): string {
  const pieces: string[] = [];
  stanza.write((piece) => pieces.push(piece));
  return pieces.join('');
}

/** Available, with the name that operators see (XEP-0172) and the page as status text. */
export function presenceStanza(nick: string, status: string): Element {
  return xml(
    'presence',
    null,
    xml('nick', { xmlns: NS_NICK }, cleanName(nick)),
    status !== '' && xml('status', null, cleanText(status)),
  );
}

/**
 * What a visitor wrote asks for a receipt (XEP-0184) and a displayed marker (XEP-0333), and says that the visitor is there
 * (XEP-0085). A notice asks for nothing, and may change or take back an earlier message (XEP-0308, XEP-0424).
 */
function message({ to, id, body, track, replaces, retracts }: XmppMessage): Element {
  const stanza = xml(
    'message',
    { type: 'chat', to: cleanText(to), id: cleanText(id) },
    xml('body', null, cleanText(body)),
  );
  if (track) {
    stanza.append(
      xml('active', { xmlns: NS_CHAT_STATES }),
      xml('request', { xmlns: NS_RECEIPTS }),
      xml('markable', { xmlns: NS_MARKERS }),
    );
  }
  for (const child of replacement(replaces)) stanza.append(child);
  if (retracts !== undefined) {
    stanza.append(xml('retract', { xmlns: NS_RETRACTION, id: cleanText(retracts) }));
    stanza.append(xml('fallback', { xmlns: NS_FALLBACK, for: NS_RETRACTION }));
    stanza.append(xml('store', { xmlns: NS_HINTS }));
  }
  stanza.append(xml('origin-id', { xmlns: NS_STANZA_ID, id: cleanText(id) }));
  return stanza;
}

/** What is being typed, the whole of it each time: whoever missed one needs no other. */
function preview(text: string | undefined): Element[] {
  if (text === undefined) return [];
  return [xml('rtt', { xmlns: NS_RTT, event: 'reset', seq: '0' }, xml('t', null, cleanText(text)))];
}

/** A message without a body, which neither archives nor offline storage are to keep (XEP-0334). */
function passing(to: string, ...children: Element[]): Element {
  return xml('message', { type: 'chat', to: cleanText(to) }, ...children, xml('no-store', { xmlns: NS_HINTS }));
}
