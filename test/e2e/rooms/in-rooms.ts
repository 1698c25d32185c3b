import { xml, type Element } from '@xmpp/client';
import { AdminClient } from '../../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../../bridge/outbound/ejabberd/mod-foyer-client.js';
import type { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';

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
