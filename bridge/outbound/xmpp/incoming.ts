import { xml, type Element } from '@xmpp/client';
import { cleanText } from './xml-text.js';

const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const NS_PING = 'urn:xmpp:ping';
const NS_VERSION = 'jabber:iq:version';
const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** What operators' clients look for before they send receipts, markers, typing and corrections. */
const FEATURES = [
  NS_DISCO_INFO,
  NS_PING,
  NS_VERSION,
  'http://jabber.org/protocol/chatstates',
  'urn:xmpp:chat-markers:0',
  'urn:xmpp:message-correct:0',
  'urn:xmpp:receipts',
];

const CLIENT_NAME = 'Foyer visitor';

/** A message of ours that came back (RFC 6120 8.3). */
export interface Bounce {
  /** The id of the message that was sent. */
  id: string;
  /** For example `service-unavailable`. */
  condition: string;
  /** What the server or mod_foyer says about it; may be empty. */
  text: string;
}

/** The answer to an IQ `get` or `set`, and to words that should have gone to mod_foyer; null for any other stanza. */
export function answerTo(stanza: Element): Element | null {
  const { type, id, from } = stanza.attrs;
  if (stanza.name === 'message') return refuseWords(stanza);
  if (stanza.name !== 'iq' || (type !== 'get' && type !== 'set')) {
    return null;
  }
  const address = { id: cleanText(id ?? ''), ...(from !== undefined && { to: from }) };
  const query = stanza.getChildElements()[0];
  const result = query && type === 'get' ? resultFor(query) : null;
  if (result === null) {
    const condition = xml('service-unavailable', { xmlns: NS_STANZAS });
    return xml('iq', { type: 'error', ...address }, xml('error', { type: 'cancel' }, condition));
  }
  return xml('iq', { type: 'result', ...address }, ...result);
}

/**
 * mod_foyer takes what operators write before it reaches a visitor's session. What comes here all the same was written while the module was being loaded anew:
 * nobody else would read it, so whoever wrote it is told.
 */
function refuseWords(stanza: Element): Element | null {
  const { type, id, from } = stanza.attrs;
  const words = (type === undefined || type === 'chat' || type === 'normal') && stanza.getChildText('body');
  if (!words || from === undefined) return null;
  const text = xml('text', { xmlns: NS_STANZAS }, 'Not delivered to the visitor: send it again');
  const condition = xml('service-unavailable', { xmlns: NS_STANZAS });
  const error = xml('error', { type: 'wait' }, condition, text);
  return xml('message', { type: 'error', to: from, ...(id !== undefined && { id: cleanText(id) }) }, error);
}

/** The children of the result; null where the query isn't one that a visitor answers. */
function resultFor(query: Element): Element[] | null {
  if (query.is('ping', NS_PING)) {
    return [];
  }
  if (query.is('query', NS_VERSION)) {
    return [xml('query', { xmlns: NS_VERSION }, xml('name', null, CLIENT_NAME))];
  }
  if (query.is('query', NS_DISCO_INFO) && query.attrs['node'] === undefined) {
    const identity = xml('identity', { category: 'client', type: 'web', name: CLIENT_NAME });
    const features = FEATURES.map((feature) => xml('feature', { var: feature }));
    return [xml('query', { xmlns: NS_DISCO_INFO }, identity, ...features)];
  }
  return null;
}

/** Null unless the stanza is an error to a message with an id. */
export function readBounce(stanza: Element): Bounce | null {
  const { type, id } = stanza.attrs;
  if (stanza.name !== 'message' || type !== 'error' || !id) {
    return null;
  }
  const error = stanza.getChild('error');
  const condition = error?.getChildElements().find((child) => child.getNS() === NS_STANZAS && child.name !== 'text');
  return {
    id,
    condition: condition?.name ?? 'undefined-condition',
    text: error?.getChildText('text', NS_STANZAS) ?? '',
  };
}
