import { xml, type Element } from '@xmpp/client';

/** In every text that a rogue visitor sends. */
export const MARK = 'rogue-mark';

/** Whom a rogue visitor may be after; bare JIDs, but for the host. */
export interface Targets {
  host: string;
  self: string;
  operator: string;
  /** Another visitor who is online, and one who is not. */
  neighbour: string;
  absent: string;
  /** An operator and a visitor of another instance. */
  foreignOperator: string;
  foreignVisitor: string;
  /** An account that is nobody's operator, and one that there isn't. */
  stranger: string;
  nobody: string;
}

/** Stanzas that nobody may answer with anything but an error, by name. */
export type Attempts = Record<string, Element>;

const iq = (type: 'get' | 'set', to: string | undefined, child: Element) =>
  xml('iq', { type, ...(to === undefined ? {} : { to }) }, child);
const query = (xmlns: string, node?: string, ...children: Element[]) =>
  xml('query', { xmlns, ...(node === undefined ? {} : { node }) }, ...children);
const message = (to: string, type: string | undefined, ...more: Element[]) =>
  xml('message', { to, ...(type === undefined ? {} : { type }) }, xml('body', {}, MARK), ...more);

const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';
const COMMANDS = 'http://jabber.org/protocol/commands';
const PUBSUB = 'http://jabber.org/protocol/pubsub';
const MUC = 'http://jabber.org/protocol/muc';
const ADMIN = 'http://jabber.org/protocol/admin';

/** What an account may otherwise change and read of itself. */
export function onItself({ self, operator }: Targets): Attempts {
  const item = xml('item', { jid: operator, name: MARK });
  const published = xml('publish', { node: 'urn:xmpp:mood' }, xml('item', {}, xml('mood', { xmlns: 'urn:x' }, MARK)));
  const attempts: Attempts = {
    'set the roster': iq('set', undefined, query('jabber:iq:roster', undefined, item)),
    'set its vCard': iq('set', undefined, xml('vCard', { xmlns: 'vcard-temp' }, xml('FN', {}, MARK))),
    'read its vCard': iq('get', undefined, xml('vCard', { xmlns: 'vcard-temp' })),
    'store something': iq('set', undefined, query('jabber:iq:private', undefined, xml('x', { xmlns: 'urn:x' }, MARK))),
    'read what it stored': iq('get', undefined, query('jabber:iq:private', undefined, xml('x', { xmlns: 'urn:x' }))),
    'publish an event': iq('set', undefined, xml('pubsub', { xmlns: PUBSUB }, published)),
    'read the archive': iq('set', undefined, query('urn:xmpp:mam:2')),
    'set what is archived': iq('set', undefined, xml('prefs', { xmlns: 'urn:xmpp:mam:2', default: 'never' })),
    'read what waits for it': iq(
      'get',
      undefined,
      xml('offline', { xmlns: `${MUC.slice(0, -3)}offline` }, xml('fetch')),
    ),
    'block its operator': iq('set', undefined, xml('block', { xmlns: 'urn:xmpp:blocking' }, item)),
    'set privacy lists': iq('set', undefined, query('jabber:iq:privacy', undefined, xml('list', { name: 'x' }))),
    'turn push on': iq('set', undefined, xml('enable', { xmlns: 'urn:xmpp:push:0', jid: self, node: 'x' })),
    'list its own items': iq('get', self, query(DISCO_ITEMS)),
  };
  return attempts;
}

/** What a server does for accounts, or for its administrators. */
export function onTheServer({ host, self }: Targets): Attempts {
  const user = self.split('@')[0] ?? '';
  const register = (...children: Element[]) => query('jabber:iq:register', undefined, ...children);
  const credentials = (username: string) => [xml('username', {}, username), xml('password', {}, 'rogue-password-1')];
  const slot = xml('request', { xmlns: 'urn:xmpp:http:upload:0', filename: 'x.png', size: '10' });
  const attempts: Attempts = {
    'read the form of registration': iq('get', host, register()),
    'change its password': iq('set', host, register(...credentials(user))),
    'register another visitor': iq('set', host, register(...credentials('visitor.424242'))),
    'register an account': iq('set', host, register(...credentials('rogue'))),
    'unregister itself': iq('set', host, register(xml('remove'))),
    'unregister itself, to nobody': iq('set', undefined, register(xml('remove'))),
    'ask for an upload': iq('get', `upload.${host}`, slot),
    'ask the host for an upload': iq('get', host, slot),
    'search for people': iq('get', `vjud.${host}`, query('jabber:iq:search')),
    'ask when the server started': iq('get', host, query('jabber:iq:last')),
    'ask for the server’s version': iq('get', host, query('jabber:iq:version')),
    'ask for the server’s vCard': iq('get', host, xml('vCard', { xmlns: 'vcard-temp' })),
    'list what the server has': iq('get', host, query(DISCO_ITEMS)),
    'list who is online': iq('get', host, query(DISCO_ITEMS, 'online users')),
    'list all users': iq('get', host, query(DISCO_ITEMS, 'all users')),
    'list commands': iq('get', host, query(DISCO_ITEMS, COMMANDS)),
    'write to the server': message(host, 'chat'),
    'make a node': iq('set', `pubsub.${host}`, xml('pubsub', { xmlns: PUBSUB }, xml('create', { node: MARK }))),
  };
  for (const node of ['add-user', 'get-online-users-num', 'get-registered-users-list', 'announce', 'shutdown']) {
    attempts[`run ${node}`] = iq(
      'set',
      host,
      xml('command', { xmlns: COMMANDS, node: `${ADMIN}#${node}`, action: 'execute' }),
    );
  }
  for (const resource of ['announce/all', 'announce/online', 'announce/motd', 'announce/all-hosts/all']) {
    attempts[`write to ${resource}`] = message(`${host}/${resource}`, undefined);
  }
  return attempts;
}

/** Rooms, and other servers. */
export function elsewhere({ host, operator }: Targets): Attempts {
  const room = `lobby@conference.${host}`;
  const attempts: Attempts = {
    'list rooms': iq('get', `conference.${host}`, query(DISCO_ITEMS)),
    'ask for a room’s name': iq('get', `conference.${host}`, xml('unique', { xmlns: `${MUC}#unique` })),
    'enter or make a room': xml('presence', { to: `${room}/visitor` }, xml('x', { xmlns: MUC })),
    'make a room of one’s own': iq('set', room, query(`${MUC}#owner`)),
    'write into a room': message(room, 'groupchat'),
    'write to somebody in a room': message(`${room}/anna`, 'chat'),
    'invite into a room': xml(
      'message',
      { to: room },
      xml('x', { xmlns: `${MUC}#user` }, xml('invite', { to: operator }, xml('reason', {}, MARK))),
    ),
  };
  for (const to of ['friend@other.server', 'other.server', 'lobby@conference.other.server/x']) {
    attempts[`write to ${to}`] = message(to, 'chat');
    attempts[`ask ${to}`] = iq('get', to, query(DISCO_INFO));
    attempts[`show itself to ${to}`] = xml('presence', { to }, xml('status', {}, MARK));
    attempts[`subscribe to ${to}`] = xml('presence', { to, type: 'subscribe' });
  }
  return attempts;
}

/** What one account may send to another: all of it, for those whom a visitor doesn't reach. */
export function to(bare: string): Attempts {
  const attempts: Attempts = {};
  for (const [form, jid] of Object.entries({ '': bare, ' at a client': `${bare}/x` })) {
    for (const type of ['chat', 'normal', 'headline', 'groupchat', undefined]) {
      attempts[`write${form} (${type ?? 'no type'})`] = message(jid, type);
    }
    attempts[`ask for the version${form}`] = iq('get', jid, query('jabber:iq:version'));
    attempts[`run a command${form}`] = iq('set', jid, xml('command', { xmlns: COMMANDS, node: 'x' }));
    attempts[`show itself${form}`] = xml('presence', { to: jid }, xml('status', {}, MARK));
    attempts[`type${form}`] = xml(
      'message',
      { to: jid, type: 'chat' },
      xml('composing', { xmlns: 'http://jabber.org/protocol/chatstates' }),
    );
  }
  return { ...attempts, ...questionsTo(bare) };
}

/** What no visitor may ask even its own operators for. */
export function questionsTo(bare: string): Attempts {
  const attempts: Attempts = {
    'read the vCard': iq('get', bare, xml('vCard', { xmlns: 'vcard-temp' })),
    'set the vCard': iq('set', bare, xml('vCard', { xmlns: 'vcard-temp' }, xml('FN', {}, MARK))),
    'read the roster': iq('get', bare, query('jabber:iq:roster')),
    'read the archive': iq('set', bare, query('urn:xmpp:mam:2')),
    'read what is stored': iq('get', bare, query('jabber:iq:private', undefined, xml('x', { xmlns: 'urn:x' }))),
    'ask for the last activity': iq('get', bare, query('jabber:iq:last')),
    'list the items': iq('get', bare, query(DISCO_ITEMS)),
    'ask what it is': iq('get', bare, query(DISCO_INFO)),
    'read bookmarks': iq('get', bare, xml('pubsub', { xmlns: PUBSUB }, xml('items', { node: 'urn:xmpp:bookmarks:1' }))),
    'read devices': iq(
      'get',
      bare,
      xml('pubsub', { xmlns: PUBSUB }, xml('items', { node: 'eu.siacs.conversations.axolotl.devicelist' })),
    ),
    'offer a file': iq('set', `${bare}/x`, xml('si', { xmlns: 'http://jabber.org/protocol/si' })),
  };
  for (const type of ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe']) {
    attempts[`presence ${type}`] = xml('presence', { to: bare, type }, xml('status', {}, MARK));
  }
  return attempts;
}

/** Messages to an own operator that say more than a visitor says. */
export function disguisedTo(bare: string): Attempts {
  const forged = xml('message', { from: bare, to: 'x@y', type: 'chat' }, xml('body', {}, MARK));
  const forwarded = xml('forwarded', { xmlns: 'urn:xmpp:forward:0' }, forged);
  return {
    'a headline': message(bare, 'headline'),
    'a line of a room': message(bare, 'groupchat'),
    'a copy of one’s own words': message(bare, 'chat', xml('sent', { xmlns: 'urn:xmpp:carbons:2' }, forwarded)),
    'a line of the archive': message(bare, 'chat', xml('result', { xmlns: 'urn:xmpp:mam:2', id: '1' }, forwarded)),
    'an invitation into a room': message(bare, undefined, xml('x', { xmlns: 'jabber:x:conference', jid: 'x@y' })),
    'a call': message(bare, 'chat', xml('propose', { xmlns: 'urn:xmpp:jingle-message:0', id: '1' })),
    'contacts to add': message(bare, undefined, xml('x', { xmlns: 'http://jabber.org/protocol/rosterx' })),
    'an event': message(bare, undefined, xml('event', { xmlns: `${PUBSUB}#event` })),
  };
}

/** What has no answer whatever becomes of it (RFC 6120 8.3.1): it has to vanish. */
export function unanswerableTo(bare: string): Element[] {
  return [
    xml('message', { to: bare, type: 'error', id: MARK }, xml('body', {}, MARK), xml('error', { type: 'cancel' })),
    xml('presence', { to: bare, type: 'error', id: MARK }, xml('error', { type: 'cancel' })),
    xml('iq', { to: bare, type: 'result', id: MARK }, query(DISCO_INFO)),
    xml('iq', { to: bare, type: 'error', id: MARK }, xml('error', { type: 'cancel' })),
  ];
}
