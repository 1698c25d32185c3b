import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';

describe('what an operator types', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let bert: OperatorClient;
  let service: string;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
    service = `foyer@${foyer.settings.ejabberd.host}`;
  });

  after(() => foyer.stop());

  interface Talk {
    page: Page;
    chatId: number;
    number: number;
    contact: string;
  }

  async function begin(text: string): Promise<Talk> {
    const page = foyer.page();
    await page.visit({ nick: 'Vera' });
    const { id: chatId, number } = await page.startChat(text);
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes(text) && bert.texts(contact).includes(text), 'both are asked');
    return { page, chatId, number, contact };
  }

  async function owned(text: string): Promise<Talk> {
    const talk = await begin(text);
    expect(await type(anna, service, `!accept ${talk.number}`)).to.contain(`chat ${talk.number}`);
    return talk;
  }

  const texts = async ({ page, chatId }: Talk) => (await page.messages(chatId)).map(({ text }) => text);

  it('goes like Seshat’s session: offered, accepted, talked, finished', async () => {
    await foyer.select('UPDATE departments SET offer_seconds = 600');
    const talk = await begin('Hi!');
    await foyer.select('UPDATE departments SET offer_seconds = NULL');
    const { page, chatId, number, contact } = talk;
    expect(anna.texts(contact)[0]).to.contain('Vera · /pricing asks for you').and.to.contain(`!accept ${number}`);
    expect(await type(anna, service, `!ACCEPT ${number}`)).to.equal(
      `[Foyer] You are now handling chat ${number}: Vera · /pricing. Type !finish when you are done.`,
    );
    expect(await page.chat(chatId)).to.deep.include({ state: 'active', operator: { name: 'Anna' } });
    await anna.say(contact, 'Hello, customer.');
    await page.untilMessages(chatId, 'the answer', (list) => list.at(-1)?.text === 'Hello, customer.');
    await page.say(chatId, 'Talk to you later!');
    await until(() => anna.texts(contact).includes('Talk to you later!'), 'the good-bye');
    expect(await type(anna, service, '!FINISH')).to.equal(`[Foyer] Chat ${number} is now closed.`);
    expect((await page.chat(chatId)).state).to.equal('closed');
    expect(await texts(talk)).to.deep.equal(['Hi!', 'Hello, customer.', 'Talk to you later!']);
  });

  it('never reaches the visitor when the word is unknown, and does when it is to be sent literally', async () => {
    const talk = await owned('Which sign?');
    const { page, chatId, contact } = talk;
    expect(await type(anna, contact, '!acept 7'))
      .to.contain('no command !acept')
      .and.to.contain('!help');
    expect(await type(anna, contact, '/nonsense')).to.contain('no command !nonsense');
    for (const [typed, sent] of [
      ['!!accept is what you type', '!accept is what you type'],
      [' /help too', '/help too'],
      ['/me smiles', '/me smiles'],
      ['/etc/hosts', '/etc/hosts'],
    ] as const) {
      await anna.say(contact, typed);
      await page.untilMessages(chatId, typed, (list) => list.at(-1)?.text === sent);
    }
    expect(await texts(talk)).to.have.length(5);
    await type(anna, contact, '/close');
    expect((await page.chat(chatId)).state).to.equal('closed');
  });

  it('says who waits and who is there, what is one’s own, and what there is to type', async () => {
    const mine = await owned('Mine');
    const waits = await begin('I wait');
    expect(await type(anna, service, '!waiting')).to.match(
      new RegExp(`\\n${waits.number}: Vera · /pricing, for 0 min`),
    );
    expect(await type(anna, service, '!status')).to.match(new RegExp(`1 of 1000 chats\\.\\n${mine.number}: Vera`));
    expect(await type(anna, service, '!who'))
      .to.contain('\nAnna: available, 1 of 1000 chats')
      .and.to.contain('\nBert: ');
    const help = await type(anna, service, '!help');
    for (const word of ['accept', 'decline', 'finish', 'status', 'waiting', 'transfer', 'limit'])
      expect(help).to.contain(`\n!${word}`);
    expect(help).to.not.contain('!queue');
    expect(await type(anna, service, '!help cancel'))
      .to.contain('!decline')
      .and.to.contain('Also: !cancel');
    expect(await type(anna, mine.contact, '!info')).to.contain('Page: https://shop.example/pricing');
    for (const { page, chatId } of [mine, waits]) await page.call('POST', `/chats/${chatId}/close`, {});
    expect(await type(anna, service, '!waiting')).to.equal('[Foyer] Nobody waits.');
  });

  it('refuses what isn’t one’s own, has ended, or isn’t there', async () => {
    const talk = await owned('Anna’s');
    expect(await type(bert, service, `!accept ${talk.number}`)).to.equal(`[Foyer] Anna has chat ${talk.number}.`);
    expect(await type(bert, service, `!finish ${talk.number}`)).to.contain('is not yours');
    expect(await type(bert, service, `!decline ${talk.number}`)).to.contain('is not offered to you');
    expect(await type(anna, service, '!accept 99999')).to.equal('[Foyer] There is no chat 99999.');
    expect(await type(bert, service, '!queue close')).to.contain('Only managers');
    await type(anna, talk.contact, '!finish');
    expect(await type(bert, service, `!accept ${talk.number}`)).to.equal(`[Foyer] Chat ${talk.number} has ended.`);
  });

  it('transfers a chat with a note and the last lines: the other one accepts or declines', async () => {
    const talk = await owned('My bill is wrong');
    const { page, chatId, number, contact } = talk;
    await anna.say(contact, 'I ask a colleague');
    await page.untilMessages(chatId, 'the answer', (list) => list.length === 2);
    expect(await type(anna, contact, '!transfer nobody')).to.contain('no other operator or department “nobody”');
    expect(await type(anna, contact, '!transfer bert it is about billing')).to.contain(
      `Bert is asked to take chat ${number}`,
    );
    const asked = await until(
      () => bert.texts(contact).find((text) => text.includes('asks you to take over')),
      'Bert is asked',
    );
    expect(asked).to.contain('\nit is about billing\nVera: My bill is wrong\nAnna: I ask a colleague');
    await type(bert, service, `!decline ${number}`);
    await until(() => anna.texts(contact).some((text) => text.includes('Bert does not take the chat')), 'Anna is told');
    expect((await page.chat(chatId)).operator).to.deep.equal({ name: 'Anna' });

    await type(anna, contact, '!transfer Bert');
    await until(
      () => bert.texts(contact).filter((text) => text.includes('asks you to take over')).length === 2,
      'again',
    );
    await bert.say(contact, 'Let me see');
    await page.untilMessages(chatId, 'Bert’s answer', (list) => list.at(-1)?.text === 'Let me see');
    expect((await page.chat(chatId)).operator).to.deep.equal({ name: 'Bert' });
    await until(() => anna.texts(contact).some((text) => text.includes('Bert has taken this chat')), 'Anna is told');
    expect(await texts(talk)).to.not.include('it is about billing');
    await type(bert, contact, '!finish');
  });

  it('transfers a chat to a department', async () => {
    const [{ insertId }] = (await foyer.bridge.core.pool.query(
      "INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Second Level', NOW(3))",
    )) as unknown as [{ insertId: number }];
    await foyer.select(
      'INSERT INTO operator_departments (operator_id, department_id) SELECT id, ? FROM operators WHERE name = ?',
      [insertId, 'Bert'],
    );
    const { page, chatId, contact } = await owned('It is difficult');
    expect(await type(anna, contact, '!transfer second level needs an expert')).to.contain('waits in Second Level');
    const asked = await until(
      () => bert.texts(contact).find((text) => text.includes('has handed over')),
      'Bert is asked',
    );
    expect(asked).to.contain('Anna has handed over Vera').and.to.contain('\nneeds an expert\nVera: It is difficult');
    expect((await page.chat(chatId)).operator).to.equal(null);
    await bert.say(contact, 'I am the expert');
    await page.untilMessages(chatId, 'the answer', (list) => list.at(-1)?.text === 'I am the expert');
    await type(bert, contact, '!finish');
  });

  it('keeps notes and tags that the visitor never sees', async () => {
    const talk = await owned('Where is my order?');
    expect(await type(anna, talk.contact, '!note called twice\nalready')).to.contain('note is kept');
    expect(await type(anna, talk.contact, '!tag Delivery #late')).to.contain('has the tags: delivery, late');
    expect(await type(anna, service, `!tag ${talk.number} -late`)).to.contain('has the tags: delivery');
    expect(await type(anna, talk.contact, '!note')).to.contain('Type !note and the text');
    const notes = await foyer.select('SELECT text FROM chat_notes WHERE chat_id = ?', [talk.chatId]);
    expect(notes.map((row) => row['text'])).to.deep.equal(['called twice\nalready']);
    expect(await texts(talk)).to.deep.equal(['Where is my order?']);
    await type(anna, talk.contact, '!finish');
  });

  it('pauses, and sets the own limit', async () => {
    expect(await type(bert, service, '!pause')).to.contain('no more chats until !resume');
    const page = foyer.page();
    await page.visit();
    const { id: chatId } = await page.startChat('Only Anna');
    await until(() => anna.texts(foyer.contact(page)).length > 0, 'Anna is asked');
    expect(bert.texts(foyer.contact(page))).to.deep.equal([]);
    await type(bert, service, '!resume');
    await until(() => bert.texts(foyer.contact(page)).length > 0, 'Bert too');
    expect(await type(anna, service, '!limit 1')).to.contain('You take 1 chats at a time');
    await anna.say(foyer.contact(page), 'Mine');
    await page.untilMessages(chatId, 'the answer', (list) => list.length === 2);
    const other = foyer.page();
    await other.visit();
    await other.startChat('Another one');
    await until(() => bert.texts(foyer.contact(other)).length > 0, 'Bert is asked');
    await anna.say(foyer.contact(other), 'Mine too');
    await until(
      () => anna.texts(foyer.contact(other)).some((text) => text.includes('You have 1 chats, and may have 1')),
      'Anna is refused',
    );
    await type(anna, service, '!limit 9');
  });

  it('opens and closes the queue, in the language of the operator', async () => {
    await foyer.select("UPDATE operators SET manager = 1, language = 'de' WHERE name = 'Anna'");
    expect(await type(anna, service, '!queue close')).to.equal('[Foyer] Support ist geschlossen.');
    const page = foyer.page();
    await page.visit();
    const refused = await page.call<{ code: string }>('POST', '/chats', { desk: 'main', text: 'Open?' });
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'desk_closed']);
    expect(await type(anna, service, '!queue open')).to.equal('[Foyer] Support ist geöffnet.');
    expect((await page.call('POST', '/chats', { desk: 'main', text: 'Now?' })).status).to.equal(201);
  });
});
