import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../support/bridge.js';
import { until } from '../support/until.js';

describe('a conversation', () => {
  let foyer: TestFoyer;

  before(async () => {
    foyer = await TestFoyer.start();
  });

  after(() => foyer.stop());

  it('shows the visitor as a contact with its name and page, and carries words both ways', async () => {
    const anna = await foyer.operator('anna', 'Anna');
    const page = foyer.page();
    await page.visit({ nick: 'Vera' });
    const chat = await page.startChat('Hello <b> & "you" 😀');
    const first = await anna.expect(
      'the visitor’s words',
      (stanza) => stanza.is('message') && stanza.getChildText('body') === 'Hello <b> & "you" 😀',
    );
    expect(first.attrs['from']?.split('/')[0]).to.equal(foyer.contact(page));
    const pushed = anna.received.flatMap(
      (stanza) => stanza.getChild('query', 'jabber:iq:roster')?.getChildren('item') ?? [],
    );
    expect(pushed.find((item) => item.attrs['jid'] === foyer.contact(page))?.attrs['name']).to.equal('Vera · /pricing');

    const id = await anna.say(foyer.contact(page), 'Hi Vera', { receipt: true, markable: true });
    const messages = await page.untilMessages(chat.id, 'the answer', (list) => list.length === 2);
    expect(messages[1]).to.include({ sender: 'operator', name: 'Anna', text: 'Hi Vera' });
    await anna.expect(
      'a receipt once stored',
      (stanza) => stanza.getChild('received', 'urn:xmpp:receipts')?.attrs['id'] === id,
    );

    await page.call('POST', `/chats/${chat.id}/seen`, { number: 2 });
    await anna.expect(
      'a displayed marker',
      (stanza) => stanza.getChild('displayed', 'urn:xmpp:chat-markers:0')?.attrs['id'] === id,
    );
  });

  it('tells the page how far its message has come', async () => {
    const bert = await foyer.operator('bert', 'Bert');
    const page = foyer.page();
    await page.visit();
    const chat = await page.startChat('How far?');
    const stanza = await bert.expect(
      'the message',
      (one) => one.is('message') && one.getChildText('body') === 'How far?',
    );
    await page.untilMessages(chat.id, 'acked', ([message]) => message?.state === 'acked');
    const about = stanza.attrs['id'] as string;
    const to = stanza.attrs['from'] as string;
    await bert.send(xml('message', { to, type: 'chat' }, xml('received', { xmlns: 'urn:xmpp:receipts', id: about })));
    await page.untilMessages(chat.id, 'delivered', ([message]) => message?.state === 'delivered');
    await bert.send(
      xml('message', { to, type: 'chat' }, xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: about })),
    );
    await page.untilMessages(chat.id, 'seen', ([message]) => message?.state === 'seen');
  });

  it('says that a message was sent while ejabberd is slow to acknowledge it', async () => {
    const page = foyer.page();
    await page.visit();
    const chat = await page.startChat('First');
    await page.untilMessages(chat.id, 'acked', ([message]) => message?.state === 'acked');
    process.kill(foyer.ejabberd.pid, 'SIGSTOP');
    try {
      await page.say(chat.id, 'Second');
      await page.untilMessages(chat.id, 'sent', ([, message]) => message?.state === 'sent');
    } finally {
      process.kill(foyer.ejabberd.pid, 'SIGCONT');
    }
    await page.untilMessages(chat.id, 'acked', ([, message]) => message?.state === 'acked');
  });

  it('gives a waiting chat to whoever writes first, and tells the others', async () => {
    const carl = await foyer.operator('carl', 'Carl');
    const dora = await foyer.operator('dora', 'Dora');
    const page = foyer.page();
    await page.visit();
    const chat = await page.startChat('Anybody?');
    await until(
      () => carl.texts(foyer.contact(page)).length === 1 && dora.texts(foyer.contact(page)).length === 1,
      'both see it',
    );
    await carl.say(foyer.contact(page), 'I am here');
    await until(
      () => dora.texts(foyer.contact(page)).some((text) => text.includes('Carl has taken this chat')),
      'Dora is told',
    );
    await dora.say(foyer.contact(page), 'Me too');
    await until(
      () => dora.texts(foyer.contact(page)).some((text) => text.includes('Carl has this chat')),
      'Dora is refused',
    );
    const messages = await page.messages(chat.id);
    expect(messages.map(({ text }) => text)).to.deep.equal(['Anybody?', 'I am here']);
    expect((await page.chat(chat.id)).operator).to.deep.equal({ name: 'Carl' });
  });

  it('shows an operator’s first word to a visitor without chat as an invitation, which an answer accepts', async () => {
    const emma = await foyer.operator('emma', 'Emma');
    const page = foyer.page();
    await page.visit();
    await until(
      () =>
        emma.received.some((stanza) => stanza.is('presence') && stanza.attrs['from']?.startsWith(foyer.contact(page))),
      'the contact online',
    );
    const listening = page.call<{ events: { kind: string }[] }>('GET', '/events?cursor=0.0&wait=20');
    await emma.say(foyer.contact(page), 'Can I help you?');
    expect((await listening).body.events.map(({ kind }) => kind)).to.include('chat');
    const { chat } = await page.visit();
    expect(chat).to.include({ state: 'invited' });
    await page.say(chat?.id ?? 0, 'Yes please');
    await until(() => emma.texts(foyer.contact(page)).includes('Yes please'), 'the answer');
    expect(await page.chat(chat?.id ?? 0)).to.deep.include({ state: 'active', operator: { name: 'Emma' } });
  });

  it('replaces a corrected text on the page and keeps the old one in the record', async () => {
    const fred = await foyer.operator('fred', 'Fred');
    const page = foyer.page();
    await page.visit();
    const chat = await page.startChat('What does it cost?');
    await until(() => fred.texts(foyer.contact(page)).length > 0, 'the question');
    const id = await fred.say(foyer.contact(page), 'Ten euro');
    await page.untilMessages(chat.id, 'the answer', (list) => list.length === 2);
    await fred.say(foyer.contact(page), 'Twelve euro', { replaces: id });
    const messages = await page.untilMessages(chat.id, 'the correction', (list) => list[1]?.text === 'Twelve euro');
    expect(messages).to.have.length(2);
    expect(messages[1]?.corrected_at).to.be.a('string');
    const versions = await foyer.select('SELECT text FROM message_versions WHERE chat_id = ?', [chat.id]);
    expect(versions.map((row) => row['text'])).to.deep.equal(['Ten euro']);
  });
});
