import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';
import { profanityOf, type Terminal } from './terminal.js';

describe('an operator with Profanity', () => {
  let foyer: TestFoyer;
  let profanity: Terminal;

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    profanity = await profanityOf(foyer, { user: 'anna', shown: 'Anna' }, ['/receipts send on', '/roster by group']);
  });

  after(async () => {
    await profanity.close();
    await foyer.stop();
  });

  it('sees the visitor among the contacts, reads, answers, and is told that the chat has ended', async function () {
    this.timeout(60_000);
    const page = foyer.page();
    await page.visit({ nick: 'Vera' });
    await profanity.shows('Vera · /pricing');
    await profanity.shows('Website visitors');

    const chat = await page.startChat('Do you ship to <Zürich> & "Bern"?');
    await profanity.shows('chat message: Vera · /pricing');
    await profanity.type(`/msg ${foyer.contact(page)}`);
    await profanity.shows('Do you ship to <Zürich> & "Bern"?');
    await page.untilMessages(chat.id, 'a receipt of the client', ([message]) => message?.state === 'delivered');

    await profanity.type('Yes, we do – "everywhere" 😀');
    const messages = await page.untilMessages(chat.id, 'the answer', (list) => list.length === 2);
    expect(messages[1]).to.include({ sender: 'operator', name: 'Anna', text: 'Yes, we do – "everywhere" 😀' });

    await page.say(chat.id, 'Great, thanks');
    await profanity.shows('Great, thanks');
    await profanity.type('You are welcome');
    await page.untilMessages(chat.id, 'the second answer', (list) => list.at(-1)?.text === 'You are welcome');
    expect((await page.messages(chat.id)).map(({ text }) => text)).to.have.length(4);

    await page.call('POST', `/chats/${chat.id}/close`, {});
    await profanity.shows('The visitor has ended the chat.');
  });

  it('is offered a chat, accepts it, talks and finishes by what it types, as in Seshat’s session', async function () {
    this.timeout(60_000);
    const service = `foyer@${foyer.settings.ejabberd.host}`;
    await foyer.select('UPDATE departments SET offer_seconds = 600');
    const page = foyer.page();
    await page.visit({ nick: 'customer' });
    const { id: chatId, number } = await page.startChat('Hi!');
    await profanity.type(`/msg ${foyer.contact(page)}`);
    await profanity.shows('customer · /pricing asks for you.');
    await profanity.shows(`!accept ${number}`);
    await profanity.type(`/msg ${service} !ACCEPT ${number}`);
    await profanity.shows(`You are now handling chat ${number}`);
    expect(await page.chat(chatId)).to.deep.include({ state: 'active', operator: { name: 'Anna' } });
    await profanity.type(`/msg ${foyer.contact(page)} Hello, customer.`);
    await page.untilMessages(chatId, 'the answer', (list) => list.at(-1)?.text === 'Hello, customer.');
    await page.say(chatId, 'Talk to you later!');
    await profanity.shows('Talk to you later!');
    await profanity.type(`/msg ${service} !FINISH`);
    await profanity.shows(`Chat ${number} is now closed.`);
    expect((await page.chat(chatId)).state).to.equal('closed');
    expect((await page.messages(chatId)).map(({ text }) => text)).to.deep.equal([
      'Hi!',
      'Hello, customer.',
      'Talk to you later!',
    ]);
    await foyer.select('UPDATE departments SET offer_seconds = NULL');
  });

  it('invites a visitor who only looks around', async () => {
    // The contacts stand beside the console.
    await profanity.type('/win 1');
    const page = foyer.page();
    await page.visit({ nick: 'Walter' });
    await profanity.shows('Walter · /pricing');
    await profanity.type(`/msg ${foyer.contact(page)} Can I help you?`);
    const chat = await until(async () => (await page.visit({ nick: 'Walter' })).chat, 'the invitation');
    expect(chat).to.deep.include({ state: 'invited', operator: { name: 'Anna' } });
    await page.say(chat.id, 'Yes, please');
    await profanity.shows('Yes, please');
  });
});
