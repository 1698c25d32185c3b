import { expect } from 'chai';
import { xml, type Element } from '@xmpp/client';
import { TestFoyer } from '../support/bridge.js';
import { helpdesk, type Helpdesk } from '../support/helpdesk.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';

describe('a helpdesk’s own chats in operators’ clients', () => {
  let foyer: TestFoyer;
  let call: Helpdesk;
  let anna: OperatorClient;
  let bert: OperatorClient;
  let chat: number;
  let contact: string;

  before(async function () {
    this.timeout(90_000);
    foyer = await TestFoyer.start();
    call = await helpdesk(foyer);
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
    const { body } = await call<{ chat: { id: number }; visitor_account: { jid: string } }>('POST', '/chats', {
      ...{ desk: 'main', visitor: { external_id: 'v1', page: { url: 'https://shop.example/' } } },
      ...{ text: 'Hullo', message_id: 'm1' },
    });
    chat = body.chat.id;
    contact = body.visitor_account.jid;
    await anna.say(contact, 'Hi');
    await until(() => bert.texts(contact).some((text) => text.includes('Anna has taken')), 'Bert hears of it');
  });
  after(() => foyer.stop());

  const idOf = (client: OperatorClient, text: string) =>
    client.received.find((one) => one.getChildText('body') === text)?.attrs['id'] as string;
  const expectFrom = (client: OperatorClient, what: string, matches: (stanza: Element) => boolean) =>
    client.expect(what, (one) => one.is('message') && one.attrs['from']?.startsWith(contact) === true && matches(one));

  it('show what the visitor is typing', async () => {
    await call('POST', `/chats/${chat}/typing`, { typing: true, text: 'I have lost' });
    const stanza = await expectFrom(anna, 'the preview', (one) => one.getChild('rtt', 'urn:xmpp:rtt:0') !== undefined);
    expect(stanza.getChild('rtt')?.getChildText('t')).to.equal('I have lost');
    expect(stanza.getChild('composing', 'http://jabber.org/protocol/chatstates')).not.to.equal(undefined);
    expect(stanza.getChild('body')).to.equal(undefined);
  });

  it('are corrected and retracted in place', async () => {
    await call('PATCH', `/chats/${chat}/messages/1`, { text: 'Hello' });
    const edit = await expectFrom(anna, 'the correction', (one) => one.getChildText('body') === 'Hello');
    const original = idOf(anna, 'Hullo');
    expect(edit.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs['id']).to.equal(original);
    await call('DELETE', `/chats/${chat}/messages/1`);
    const gone = await expectFrom(anna, 'the retraction', (one) => one.getChild('retract') !== undefined);
    expect(gone.getChild('retract', 'urn:xmpp:message-retract:1')?.attrs['id']).to.equal(original);
    const { body } = await call<{ messages: { text: string; deleted_at: string | null }[] }>(
      ...(['GET', `/chats/${chat}/messages`] as const),
    );
    expect(body.messages[0]).to.deep.include({ text: '' });
    expect(body.messages[0]?.deleted_at).to.be.a('string');
  });

  it('change hands without a message', async () => {
    const [row] = await foyer.select("SELECT operators.id FROM operators WHERE operators.name = 'Bert'");
    await call('POST', `/chats/${chat}/assign`, { operator: row?.['id'], by: 'Grace', note: 'Speaks Dutch' });
    await expectFrom(anna, 'who has it now', (one) => /Bert has taken this chat in the helpdesk/.test(bodyOf(one)));
    const lines = await expectFrom(bert, 'the last lines', (one) => /Grace has handed over/.test(bodyOf(one)));
    expect(bodyOf(lines)).to.match(/Speaks Dutch\nAnna: Hi$/);
    await call('POST', `/chats/${chat}/messages`, { text: 'Still there?', message_id: 'm2' });
    await expectFrom(bert, 'the visitor’s words', (one) => bodyOf(one) === 'Still there?');
    await call('PATCH', `/chats/${chat}/visitor`, { nick: 'Vera' });
    await bert.expect(
      'the contact’s new name',
      (one) => one.is('presence') && one.attrs['from']?.startsWith(contact) === true && /Vera/.test(one.toString()),
    );
    expect(anna.texts(contact)).not.to.include('Still there?');
  });

  it('lose what their operator takes back, and not by a word more', async () => {
    const [own] = await foyer.select(
      "SELECT messages.stanza_id, messages.number FROM messages WHERE messages.text = 'Hi'",
    );
    const read = async () =>
      (await call<{ messages: { text: string }[] }>('GET', `/chats/${chat}/messages`)).body.messages.map(
        ({ text }) => text,
      );
    const retract = (id: string) =>
      anna.send(
        xml(
          'message',
          { to: contact, type: 'chat', id: `r-${id}` },
          xml('retract', { xmlns: 'urn:xmpp:message-retract:1', id }),
          xml('fallback', { xmlns: 'urn:xmpp:fallback:0', for: 'urn:xmpp:message-retract:1' }),
          xml('body', {}, '/me retracted a message'),
        ),
      );
    await retract('nothing-of-mine');
    await expectFrom(anna, 'that there was nothing', (one) => /Nothing was taken back/.test(bodyOf(one)));
    await retract(own?.['stanza_id'] as string);
    await until(async () => (await read())[(own?.['number'] as number) - 1] === '', 'the words gone');
    expect(await read()).not.to.include('/me retracted a message');
  });
});

function bodyOf(stanza: Element): string {
  return stanza.getChildText('body') ?? '';
}
