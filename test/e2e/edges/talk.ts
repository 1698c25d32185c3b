import { xml, type Element } from '@xmpp/client';
import type { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';

/** A chat that an operator has been shown. */
export interface Talk {
  page: Page;
  chatId: number;
  /** Bare JID of the visitor's contact. */
  contact: string;
}

/** A new visitor says `text`; waits until this operator's client has it. */
export async function beginTalk(
  foyer: TestFoyer,
  operator: { texts(contact: string): string[] },
  text = 'Hello',
): Promise<Talk> {
  const page = foyer.page();
  await page.visit();
  const { id: chatId } = await page.startChat(text);
  const contact = foyer.contact(page);
  await until(() => operator.texts(contact).includes(text), `“${text}” at the operator`);
  return { page, chatId, contact };
}

/** The record of a chat: texts in their order. */
export async function recorded(foyer: TestFoyer, chatId: number): Promise<string[]> {
  return (await foyer.select('SELECT text FROM messages WHERE chat_id = ? ORDER BY number', [chatId])).map(
    (row) => row['text'] as string,
  );
}

/** Sends an ordinary message behind what was done before, and gives the record once it is there: what should be in it is in it by then. */
export async function recordOnceLater(
  foyer: TestFoyer,
  operator: OperatorClient,
  { page, chatId, contact }: Talk,
): Promise<string[]> {
  const text = `later ${crypto.randomUUID()}`;
  await operator.say(contact, text);
  await page.untilMessages(chatId, 'a later message', (list) => list.some((message) => message.text === text));
  return (await recorded(foyer, chatId)).filter((one) => one !== text);
}

/** The stanza error that answers this message: its condition and text. */
export async function refusalOf(client: OperatorClient, id: string): Promise<{ condition: string; text: string }> {
  const stanza = await client.expect(
    `a refusal of ${id}`,
    (one) => one.attrs['type'] === 'error' && one.attrs['id'] === id,
  );
  const error = stanza.getChild('error');
  const condition = error
    ?.getChildElements()
    .find((child) => child.attrs['xmlns'] === 'urn:ietf:params:xml:ns:xmpp-stanzas' && child.name !== 'text');
  return { condition: condition?.name ?? '', text: error?.getChildText('text') ?? '' };
}

/** What Foyer itself said to the operator in the window of a contact: lines in square brackets. */
export function notices(client: OperatorClient, contact: string): string[] {
  return client.texts(contact).filter((text) => /^\[(Chat \d+|Foyer)\] /.test(text));
}

/** Resolves once ejabberd has answered this client (XEP-0199). */
export async function pingServer(client: OperatorClient, host: string): Promise<void> {
  const id = crypto.randomUUID();
  await client.send(xml('iq', { type: 'get', to: host, id }, xml('ping', { xmlns: 'urn:xmpp:ping' })));
  await client.expect('an answer to a ping', (stanza: Element) => stanza.is('iq') && stanza.attrs['id'] === id);
}

/** `name 1` … `name n`. */
export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);
}
