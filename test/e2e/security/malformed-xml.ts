import fc, { type Arbitrary } from 'fast-check';
import { hostileText } from '../../support/malformed.js';

/** A stanza as text. */
export interface OddStanza {
  text: string;
  /** The server may end the stream over it (RFC 6120 4.9): it isn't XML, forbidden in streams, or speaks in somebody else's name. */
  mayEnd: boolean;
}

const NAMESPACES = [
  ...['jabber:client', 'jabber:iq:roster', 'jabber:iq:last', 'jabber:iq:version', 'jabber:iq:private', 'jabber:x:oob'],
  ...['jabber:x:conference', 'jabber:x:data', 'jabber:x:encrypted', 'vcard-temp', 'vcard-temp:x:update'],
  ...['http://jabber.org/protocol/chatstates', 'http://jabber.org/protocol/nick', 'http://jabber.org/protocol/caps'],
  ...['http://jabber.org/protocol/muc', 'http://jabber.org/protocol/muc#user', 'http://jabber.org/protocol/commands'],
  ...['http://jabber.org/protocol/disco#info', 'http://jabber.org/protocol/pubsub', 'http://jabber.org/protocol/rsm'],
  ...['urn:xmpp:receipts', 'urn:xmpp:chat-markers:0', 'urn:xmpp:message-correct:0', 'urn:xmpp:sid:0', 'urn:xmpp:delay'],
  ...[
    'urn:xmpp:carbons:2',
    'urn:xmpp:mam:2',
    'urn:xmpp:forward:0',
    'urn:xmpp:hints',
    'urn:xmpp:eme:0',
    'urn:xmpp:ping',
  ],
  ...['eu.siacs.conversations.axolotl', 'urn:xmpp:reply:0', 'urn:xmpp:reactions:0', 'urn:x', ''],
];
const NAMES = [
  ...[
    'body',
    'subject',
    'thread',
    'active',
    'composing',
    'paused',
    'gone',
    'request',
    'received',
    'displayed',
    'markable',
  ],
  ...['acknowledged', 'replace', 'origin-id', 'stanza-id', 'delay', 'encrypted', 'encryption', 'x', 'invite', 'nick'],
  ...[
    'status',
    'show',
    'priority',
    'query',
    'item',
    'command',
    'ping',
    'pubsub',
    'publish',
    'vCard',
    'sent',
    'forwarded',
  ],
  ...['private', 'no-store', 'error', 'text', 'message', 'presence', 'iq', 'c', 'a:b', 'reactions', 'html'],
];
/** What the bridge and mod_foyer look at. */
const KNOWN = [
  '<body>words</body>',
  '<body/>',
  '<body xml:lang="de">Worte</body><body xml:lang="">words</body>',
  '<composing xmlns="http://jabber.org/protocol/chatstates"/>',
  '<request xmlns="urn:xmpp:receipts"/>',
  '<received xmlns="urn:xmpp:receipts" id="foyer.1.1.1"/>',
  '<displayed xmlns="urn:xmpp:chat-markers:0" id="foyer.999999999999999.1.1"/>',
  '<markable xmlns="urn:xmpp:chat-markers:0"/>',
  '<replace xmlns="urn:xmpp:message-correct:0" id="x"/>',
  '<origin-id xmlns="urn:xmpp:sid:0"/>',
  '<encryption xmlns="urn:xmpp:eme:0"/>',
  '<delay xmlns="urn:xmpp:delay" stamp="yesterday"/>',
  '<x xmlns="http://jabber.org/protocol/muc#user"><invite/></x>',
  '<sent xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0"/></sent>',
  '<priority>128</priority>',
  '<show>dancing</show>',
  '<status>&#x9;&#xA;</status>',
];

/** Not well-formed, or well-formed and not for streams. */
const BROKEN = [
  ...[
    '<message><body>&#0;</body></message>',
    '<message><body>\u0000</body></message>',
    '<message><body>\u0008</body></message>',
  ],
  ...[
    '<message><body>&nothing;</body></message>',
    '<message><body></message></body>',
    '<message',
    '</message>',
    '<>',
    '< a/>',
  ],
  ...['<message to=x/>', '<message a="1" a="2"/>', '<message><b:c/></message>', '<message xmlns:a=""><a:b/></message>'],
  ...[
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<?xml version="1.0"?>',
    '<?php x ?><message/>',
    '<!-- --><message/>',
  ],
  ...['<![CDATA[ ]]>', ']]>', 'words', '<message><body>]]></body></message>', '<message><body>\ufffe</body></message>'],
  ...[
    '<stream:error/>',
    '<stream:stream>',
    '<a/>',
    '<message xmlns="jabber:server"/>',
    '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>',
  ],
  ...[
    '<r xmlns="urn:xmpp:sm:3" x=""/>',
    '<a xmlns="urn:xmpp:sm:3" h="99999999999999999999"/>',
    '<enable xmlns="urn:xmpp:sm:3" max="x"/>',
  ],
  ...[
    '<resume xmlns="urn:xmpp:sm:3" previd="x" h="x"/>',
    '<iq type="set" id="x"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
  ],
  `<message>${'<a>'.repeat(20_000)}`,
];

const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Record<string, string> = { '<': '&lt;', '&': '&amp;', '"': '&quot;', "'": '&apos;', '>': '&gt;' };
const escaped = (text: string) => text.replace(NOT_XML, '').replace(/[<&"'>]/g, (sign) => ESCAPES[sign] ?? '');

const text = hostileText.map(escaped);
/** Element names and namespaces without an end would make the tree itself too big. */
const attribute = fc.tuple(
  fc.constantFrom('id', 'type', 'stamp', 'by', 'jid', 'name', 'code', 'xml:lang', 'h', 'node', 'to'),
  text.map((one) => one.slice(0, 300)),
);
const attributes = fc
  .uniqueArray(attribute, { maxLength: 3, selector: ([name]) => name })
  .map((list) => list.map(([name, value]) => ` ${name}="${value}"`).join(''));

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(
      fc.constantFrom(...NAMES.filter((name) => !name.includes(':'))),
      fc.constantFrom(...NAMESPACES),
      attributes,
      tie('content'),
    )
    .map(([name, xmlns, more, content]) => `<${name} xmlns="${xmlns}"${more}>${content}</${name}>`),
  content: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.constant(''),
    fc.array(tie('element'), { maxLength: 3 }).map((list) => list.join('')),
  ),
}));

const TYPES = {
  message: ['chat', 'normal', 'headline', 'groupchat', 'error', '', 'dance'],
  presence: ['available', 'unavailable', 'subscribe', 'subscribed', 'unsubscribed', 'probe', 'error', '', 'dance'],
  iq: ['get', 'set', 'result', 'error', '', 'dance'],
};

/** Bytes; a stanza that is bigger ends its stream, by the server's `max_stanza_size` of 512 KB. */
const BIGGEST = 500_000;

/**
 * Stanzas of all three sorts that a server has to live with.
 * @param addresses whom they are for, as far as these are addresses at all
 */
export function oddStanzas(addresses: readonly string[]): Arbitrary<OddStanza> {
  const to = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...addresses) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '@', 'a@', '@b', 'a@b@c', 'x@/', ' ', 'ü@ü', 'a b@c', `${'x'.repeat(1100)}@y`),
    },
    { weight: 1, arbitrary: text.map((one) => one.slice(0, 300)) },
  );
  const sort = fc.constantFrom('message', 'message', 'message', 'presence', 'iq').chain((name) => {
    const type = fc.constantFrom(undefined, ...TYPES[name as keyof typeof TYPES]);
    const child = fc.oneof(fc.constantFrom(...KNOWN), element);
    return fc
      .record({
        to: fc.option(to, { nil: undefined, freq: 6 }),
        type,
        id: fc.option(
          text.map((one) => one.slice(0, 200)),
          { nil: undefined },
        ),
        children: fc.array(child, { maxLength: 4 }),
      })
      .map(({ to, type, id, children }) => {
        const all = Object.entries({ to, type, id }).flatMap(([name, value]) =>
          value === undefined ? [] : [` ${name}="${value}"`],
        );
        return `<${name}${all.join('')}>${children.join('')}</${name}>`;
      });
  });
  const forged = fc
    .constantFrom(...addresses)
    .map((from) => `<message from="${from}" to="${addresses[0] ?? ''}"><body>x</body></message>`);
  return fc.oneof(
    { weight: 30, arbitrary: sort.map((text) => ({ text, mayEnd: Buffer.byteLength(text) > BIGGEST })) },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...BROKEN), forged).map((text) => ({ text, mayEnd: true })) },
  );
}
