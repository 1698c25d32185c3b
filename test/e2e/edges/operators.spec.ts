import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';
import { beginTalk, pingServer, recorded, recordOnceLater } from './talk.js';

describe('operators who come, go and have several clients', () => {
  let foyer: TestFoyer;

  before(async () => {
    foyer = await TestFoyer.start();
  });

  after(() => foyer.stop());

  /** Changes that mod_foyer reported of this operator, in order. */
  function changes(user: string): string[] {
    const events = foyer.gate.bodies.flatMap(
      (body) =>
        (JSON.parse(body) as { events: { kind: string; operator?: string; change?: string; show?: string }[] }).events,
    );
    return events
      .filter(({ kind, operator }) => kind === 'presence' && operator?.startsWith(`${user}@`))
      .map(({ change, show }) => `${change} ${show}`);
  }

  it('stays online while one of two clients is left', async () => {
    const anna = await foyer.addOperator('anna', 'Anna');
    const desktop = await foyer.client(anna, { resource: 'desktop' });
    const phone = await foyer.client(anna, { resource: 'phone' });
    await desktop.stop();
    // A change of the one that is left comes after whatever the other's end has caused.
    await phone.presence('chat', 'only the phone');
    await until(async () => (await foyer.show('anna')) === 'chat', 'the phone’s presence');
    expect(changes('anna').join()).to.not.contain('disconnected');
    await beginTalk(foyer, phone, 'Still there?');
    await phone.stop();
    await until(async () => (await foyer.show('anna')) === 'offline', 'offline');
    expect(changes('anna').filter((change) => change.startsWith('disconnected'))).to.deep.equal([
      'disconnected offline',
    ]);
    expect(changes('anna').filter((change) => change.startsWith('connected'))).to.have.length(1);
  });

  it('reports away and do not disturb with their text, not as coming or going', async () => {
    const bert = await foyer.operator('bert', 'Bert');
    for (const show of ['away', 'dnd', 'xa', 'chat'] as const) {
      await bert.presence(show, `now ${show}`);
      await until(async () => (await foyer.show('bert')) === show, show);
    }
    const [row] = await foyer.select(
      "SELECT status FROM operator_presence JOIN operators ON operators.id = operator_id JOIN accounts ON accounts.id = account_id WHERE local = 'bert'",
    );
    expect(row?.['status']).to.equal('now chat');
    expect(changes('bert')).to.deep.equal([
      'connected available',
      'changed away',
      'changed dnd',
      'changed xa',
      'changed chat',
    ]);
    await bert.stop();
    await until(async () => (await foyer.show('bert')) === 'offline', 'offline');
  });

  it('keeps an operator online whose status is a letter under a pile of accents', async () => {
    const zoe = await foyer.operator('zoe', 'Zoe');
    await zoe.presence('dnd', `Z${'\u0301'.repeat(20_000)}`);
    await until(async () => (await foyer.show('zoe')) === 'dnd', 'dnd');
    const yves = await foyer.operator('yves', 'Yves');
    await yves.presence('away', `\u{1F600}`.repeat(5000));
    await until(async () => (await foyer.show('yves')) === 'away', 'away');
    expect(await foyer.select('SELECT id, code, reason FROM rejected_events')).to.deep.equal([]);
    for (const client of [zoe, yves]) await client.stop();
    for (const user of ['zoe', 'yves'])
      await until(async () => (await foyer.show(user)) === 'offline', `${user} offline`);
  });

  it('counts a message once that its own carbon copy reaches a second client, and archives it', async () => {
    const carl = await foyer.addOperator('carl', 'Carl');
    const desktop = await foyer.client(carl, { resource: 'desktop' });
    const phone = await foyer.client(carl, { resource: 'phone' });
    await phone.send(xml('iq', { type: 'set', id: 'carbons' }, xml('enable', { xmlns: 'urn:xmpp:carbons:2' })));
    await phone.expect('carbons on', (stanza) => stanza.attrs['id'] === 'carbons' && stanza.attrs['type'] === 'result');
    const talk = await beginTalk(foyer, desktop);
    await desktop.say(talk.contact, 'From the desktop');
    const carbon = await phone.expect(
      'a carbon',
      (stanza) => stanza.getChild('sent', 'urn:xmpp:carbons:2') !== undefined,
    );
    expect(carbon.toString()).to.contain('From the desktop');
    expect(await recordOnceLater(foyer, desktop, talk)).to.deep.equal(['Hello', 'From the desktop']);

    const form = xml(
      'x',
      { xmlns: 'jabber:x:data', type: 'submit' },
      field('FORM_TYPE', 'urn:xmpp:mam:2'),
      field('with', talk.contact),
    );
    await phone.send(
      xml('iq', { type: 'set', id: 'archive' }, xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: 'q' }, form)),
    );
    await phone.expect('the end of the archive', (stanza) => stanza.getChild('fin', 'urn:xmpp:mam:2') !== undefined);
    const archived = phone.received.filter((stanza) =>
      stanza.getChild('result', 'urn:xmpp:mam:2')?.toString().includes('From the desktop'),
    );
    expect(archived).to.have.length(1);
    await desktop.stop();
    await phone.stop();
    await until(async () => (await foyer.show('carl')) === 'offline', 'offline');
  });

  it('shows typing in both directions', async () => {
    const dora = await foyer.operator('dora', 'Dora');
    const talk = await beginTalk(foyer, dora);
    await dora.say(talk.contact, 'Hi');
    await talk.page.untilMessages(talk.chatId, 'the answer', (list) => list.length === 2);
    expect((await talk.page.call('POST', `/chats/${talk.chatId}/typing`, { typing: true })).status).to.equal(204);
    await dora.expect(
      'the visitor types',
      (stanza) => stanza.getChild('composing', 'http://jabber.org/protocol/chatstates') !== undefined,
    );
    await talk.page.call('POST', `/chats/${talk.chatId}/typing`, { typing: false });
    await dora.expect(
      'the visitor pauses',
      (stanza) => stanza.getChild('paused', 'http://jabber.org/protocol/chatstates') !== undefined,
    );

    let cursor = (await talk.page.chat(talk.chatId)).cursor;
    for (const state of ['composing', 'paused']) {
      await dora.send(
        xml(
          'message',
          { to: talk.contact, type: 'chat' },
          xml(state, { xmlns: 'http://jabber.org/protocol/chatstates' }),
        ),
      );
      const typing = await until(async () => {
        const { body } = await talk.page.call<{ events: { kind: string; data: unknown }[]; cursor: string }>(
          'GET',
          `/events?cursor=${cursor}&wait=5`,
        );
        cursor = body.cursor;
        return body.events.find(({ kind }) => kind === 'typing');
      }, state);
      expect(typing.data).to.deep.equal({ typing: state === 'composing', name: 'Dora' });
    }
    await dora.stop();
    await until(async () => (await foyer.show('dora')) === 'offline', 'offline');
  });

  it('gives a message to an operator who comes online later, once', async () => {
    const emma = await foyer.addOperator('emma', 'Emma');
    const page = foyer.page();
    await page.visit();
    const { id: chatId } = await page.startChat('Nobody here?');
    await page.say(chatId, 'I wait');
    expect((await page.chat(chatId)).state).to.equal('waiting');
    const client = await foyer.client(emma);
    const contact = foyer.contact(page);
    await until(() => client.texts(contact).includes('I wait'), 'what was said before');
    expect(await recordOnceLater(foyer, client, { page, chatId, contact })).to.deep.equal(['Nobody here?', 'I wait']);
    expect(client.texts(contact)).to.deep.equal(['Nobody here?', 'I wait']);
    await client.stop();
    await until(async () => (await foyer.show('emma')) === 'offline', 'offline');
  });

  it('gives the owner at the next login what came meanwhile, once', async () => {
    const fred = await foyer.addOperator('fred', 'Fred');
    const first = await foyer.client(fred);
    const talk = await beginTalk(foyer, first);
    await first.say(talk.contact, 'Hi');
    await talk.page.untilMessages(talk.chatId, 'the answer', (list) => list.length === 2);
    await first.stop();
    await until(async () => (await foyer.show('fred')) === 'offline', 'offline');
    await talk.page.say(talk.chatId, 'Are you still there?');
    await talk.page.untilMessages(talk.chatId, 'it is with ejabberd', (list) => list.at(-1)?.state === 'acked');
    const second = await foyer.client(fred);
    await until(() => second.texts(talk.contact).includes('Are you still there?'), 'what came meanwhile');
    await talk.page.say(talk.chatId, 'Ah, there you are');
    await until(() => second.texts(talk.contact).includes('Ah, there you are'), 'what comes now');
    await pingServer(second, foyer.settings.ejabberd.host);
    expect(second.texts(talk.contact)).to.deep.equal(['Are you still there?', 'Ah, there you are']);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal([
      'Hello',
      'Hi',
      'Are you still there?',
      'Ah, there you are',
    ]);
  });
});

function field(name: string, value: string) {
  return xml('field', { var: name }, xml('value', {}, value));
}
