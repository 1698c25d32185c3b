import { xml, type Element } from '@xmpp/client';
import { AdminClient } from '../../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { setPool } from '../../../bridge/domain/rooms/make-room.js';
import type { RoomPool } from '../../../bridge/domain/rooms/store.js';
import type { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';

const NS_MUC = 'http://jabber.org/protocol/muc';
const NS_MUC_USER = `${NS_MUC}#user`;

/** mod_foyer's commands, as the bridge calls them. */
export async function withCommands<T>(foyer: TestFoyer, work: (commands: ModFoyerClient) => Promise<T>): Promise<T> {
  const { apiUrl: url, apiUser: user, apiPassword: password } = foyer.ejabberd;
  const admin = new AdminClient({ url, user, password });
  try {
    return await work(new ModFoyerClient(admin));
  } finally {
    admin.close();
  }
}

/** Enters as any client does; resolves with what the room says about the client itself: its presence, or an error. */
export async function enter(client: OperatorClient, room: string, nick: string, password: string): Promise<Element> {
  const already = client.received.length;
  await client.send(
    xml('presence', { to: `${room}/${nick}` }, xml('x', { xmlns: NS_MUC }, xml('password', {}, password))),
  );
  return client.expect(
    `an answer of the room to ${nick}`,
    (one) =>
      client.received.indexOf(one) >= already &&
      one.is('presence') &&
      one.attrs['from']?.startsWith(`${room}/`) === true &&
      (one.attrs['type'] === 'error' || isOwn(one)),
  );
}

export function isOwn(presence: Element): boolean {
  const codes = presence.getChild('x', NS_MUC_USER)?.getChildren('status') ?? [];
  return codes.some((status) => status.attrs['code'] === '110');
}

export async function leave(client: OperatorClient, room: string, nick: string): Promise<void> {
  await client.send(xml('presence', { to: `${room}/${nick}`, type: 'unavailable' }));
}

export async function sayIn(client: OperatorClient, room: string, text: string, id?: string): Promise<string> {
  const stanzaId = id ?? crypto.randomUUID();
  await client.send(xml('message', { to: room, type: 'groupchat', id: stanzaId }, xml('body', {}, text)));
  return stanzaId;
}

/** What everybody in the room reads, as this client has it: `nick: text`. */
export function heard(client: OperatorClient, room: string): string[] {
  return client.received
    .filter((one) => one.is('message') && one.attrs['type'] === 'groupchat')
    .filter((one) => one.attrs['from']?.split('/')[0] === room && one.getChild('body') !== undefined)
    .map((one) => `${one.attrs['from']?.split('/')[1] ?? ''}: ${one.getChildText('body')}`);
}

/** Rooms into which this client was invited. */
export function invitations(client: OperatorClient): string[] {
  return client.received.flatMap((one) => one.getChild('x', 'jabber:x:conference')?.attrs['jid'] ?? []);
}

/** Where an operator was told to come in, with what opens the room. */
export interface Invitation {
  room: string;
  password: string;
}

/** The first invitation (XEP-0249) into a room that isn't one of these. */
export async function invited(client: OperatorClient, already: readonly string[] = []): Promise<Invitation> {
  const found = await client.expect('an invitation', (one) => {
    const x = one.getChild('x', 'jabber:x:conference');
    return x !== undefined && !already.includes(x.attrs['jid'] ?? '');
  });
  const x = found.getChild('x', 'jabber:x:conference');
  return { room: x?.attrs['jid'] ?? '', password: x?.attrs['password'] ?? '' };
}

export async function stateOf(foyer: TestFoyer, room: string): Promise<string> {
  const [row] = await foyer.select("SELECT state FROM rooms WHERE CONCAT(name, '@', service) = ?", [room]);
  return row?.['state'] as string;
}

/** What a client asks a room to change about somebody in it (XEP-0045, 8 and 9); gives the room's answer. */
export async function change(
  client: OperatorClient,
  room: string,
  item: { nick?: string; jid?: string; role?: string; affiliation?: string },
  reason = '',
): Promise<Element> {
  const id = crypto.randomUUID();
  const query = xml('query', { xmlns: `${NS_MUC}#admin` }, xml('item', item, xml('reason', {}, reason)));
  await client.send(xml('iq', { type: 'set', to: room, id }, query));
  return client.expect('an answer of the room', (one) => one.is('iq') && one.attrs['id'] === id);
}

/** What a room told this client about its own leaving: status codes and the reason that was given. */
export async function putOut(client: OperatorClient, room: string): Promise<{ codes: string[]; reason: string }> {
  const presence = await client.expect(
    'being put out',
    (one) => one.is('presence') && one.attrs['type'] === 'unavailable' && inRoom(one, room) && isOwn(one),
  );
  const x = presence.getChild('x', NS_MUC_USER);
  const codes = x?.getChildren('status').map((status) => status.attrs['code'] ?? '') ?? [];
  return { codes, reason: x?.getChild('item')?.getChildText('reason') ?? '' };
}

function inRoom(stanza: Element, room: string): boolean {
  return stanza.attrs['from']?.split('/')[0] === room;
}

/** Sets the subject as any client does. */
export async function setSubject(client: OperatorClient, room: string, subject: string, id: string): Promise<void> {
  await client.send(xml('message', { to: room, type: 'groupchat', id }, xml('subject', {}, subject)));
}

/** Gives an operator this access to the first department. */
export async function grant(foyer: TestFoyer, user: string, access: 'answer' | 'monitor' | 'manage'): Promise<void> {
  await foyer.select(
    `UPDATE operator_departments JOIN operators ON operators.id = operator_departments.operator_id
       JOIN accounts ON accounts.id = operators.account_id SET operator_departments.access = ? WHERE accounts.local = ?`,
    [access, user],
  );
}

/** A room of the pool in which this operator waits for a visitor. */
export async function waitInRoom(foyer: TestFoyer, client: OperatorClient, nick: string): Promise<Invitation> {
  const already = invitations(client);
  await client.say(`foyer@${foyer.settings.ejabberd.host}`, '!room');
  const place = await invited(client, already);
  await enter(client, place.room, nick, place.password);
  await until(async () => (await stateOf(foyer, place.room)) === 'staff_waiting', `${nick} waiting`);
  return place;
}

/** Has the first department's chats take place in rooms, and waits until some stand ready. */
export async function withPool(foyer: TestFoyer, more: Partial<RoomPool> = {}): Promise<void> {
  const pool = {
    ...{ departmentId: 1, instanceId: 1, size: 3, maxRooms: 20, maxPerOperator: 3, maxOccupants: 10 },
    ...{ allocationSeconds: 300, ...more },
  };
  await foyer.bridge.core.transactions.alone((tx) => setPool(tx, pool));
  await until(async () => {
    const [row] = await foyer.select("SELECT COUNT(*) AS count FROM rooms WHERE state = 'available'");
    return Number(row?.['count']) >= pool.size;
  }, `${pool.size} rooms that stand ready`);
}
