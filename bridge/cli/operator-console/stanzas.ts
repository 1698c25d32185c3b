import { xml, type Element } from '@xmpp/client';

export const NS = {
  receipts: 'urn:xmpp:receipts',
  markers: 'urn:xmpp:chat-markers:0',
  states: 'http://jabber.org/protocol/chatstates',
  correct: 'urn:xmpp:message-correct:0',
  delay: 'urn:xmpp:delay',
  nick: 'http://jabber.org/protocol/nick',
  roster: 'jabber:iq:roster',
} as const;

/** What a stanza tells the operator. */
export type Incoming =
  | {
      kind: 'message';
      from: string;
      id: string;
      text: string;
      corrected: boolean;
      sentAt: Date | null;
      wantsReceipt: boolean;
      markable: boolean;
    }
  | { kind: 'typing'; from: string; typing: boolean }
  | { kind: 'seen'; from: string }
  | { kind: 'refused'; from: string; reason: string }
  | { kind: 'presence'; from: string; online: boolean; status: string; nick: string | null }
  | { kind: 'names'; names: { jid: string; name: string }[] };

/** Reads a stanza; one may say several things (a text and that the typing is over), most that servers send say nothing. */
export function readStanza(stanza: Element, ownBareJid: string): Incoming[] {
  const from = bare(stanza.attrs['from'] ?? '');
  if (stanza.is('iq')) return readRoster(stanza);
  if (from === '' || from === ownBareJid) return [];
  if (stanza.is('presence')) return readPresence(stanza, from);
  return stanza.is('message') ? readMessage(stanza, from) : [];
}

export function chatMessage(to: string, id: string, text: string): Element {
  return xml(
    'message',
    { to, id, type: 'chat' },
    xml('body', {}, text),
    xml('active', { xmlns: NS.states }),
    xml('request', { xmlns: NS.receipts }),
    xml('markable', { xmlns: NS.markers }),
  );
}

/** XEP-0184: it has arrived here. */
export function receiptFor(to: string, id: string): Element {
  return xml('message', { to, type: 'chat' }, xml('received', { xmlns: NS.receipts, id }));
}

/** XEP-0333: the operator has it on the screen. */
export function displayedFor(to: string, id: string): Element {
  return xml('message', { to, type: 'chat' }, xml('displayed', { xmlns: NS.markers, id }));
}

/** Asks for the list with the names; needed before presence comes, or contacts have no names. */
export function rosterRequest(): Element {
  return xml('iq', { type: 'get', id: 'roster' }, xml('query', { xmlns: NS.roster }));
}

function readRoster(stanza: Element): Incoming[] {
  const query = stanza.getChild('query', NS.roster);
  if (!query || stanza.attrs['type'] === 'get') return [];
  const names = query.getChildren('item').map(({ attrs }) => ({ jid: attrs['jid'] ?? '', name: attrs['name'] ?? '' }));
  return [{ kind: 'names', names: names.filter(({ jid, name }) => jid !== '' && name !== '') }];
}

function readPresence(stanza: Element, from: string): Incoming[] {
  const type = stanza.attrs['type'];
  if (type !== undefined && type !== 'unavailable') return [];
  const nick = stanza.getChildText('nick', NS.nick);
  return [
    {
      kind: 'presence',
      from,
      online: type === undefined,
      status: stanza.getChildText('status') ?? '',
      nick: nick === '' ? null : nick,
    },
  ];
}

function readMessage(stanza: Element, from: string): Incoming[] {
  if (stanza.attrs['type'] === 'error') {
    const condition = stanza.getChild('error')?.getChildElements()[0];
    return [
      {
        kind: 'refused',
        from,
        reason: stanza.getChild('error')?.getChildText('text') ?? condition?.name ?? 'unknown error',
      },
    ];
  }
  const found: Incoming[] = [];
  const text = stanza.getChildText('body');
  if (text !== null && text !== '') {
    const stamp = stanza.getChild('delay', NS.delay)?.attrs['stamp'];
    found.push({
      ...{ kind: 'message', from, id: stanza.attrs['id'] ?? '', text },
      corrected: stanza.getChild('replace', NS.correct) !== undefined,
      sentAt: stamp === undefined ? null : new Date(stamp),
      wantsReceipt: stanza.getChild('request', NS.receipts) !== undefined,
      markable: stanza.getChild('markable', NS.markers) !== undefined,
    });
  } else {
    const state = stanza.getChildElements().find((child) => child.getNS() === NS.states)?.name;
    if (state !== undefined) found.push({ kind: 'typing', from, typing: state === 'composing' });
  }
  if (stanza.getChild('displayed', NS.markers)) found.push({ kind: 'seen', from });
  return found;
}

function bare(jid: string): string {
  return jid.split('/')[0] ?? jid;
}
