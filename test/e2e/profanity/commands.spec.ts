import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { profanityOf, type Terminal } from './terminal.js';

describe('an operator with Profanity’s own commands', () => {
  let foyer: TestFoyer;
  let profanity: Terminal;
  let service: string;

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    service = `foyer@${foyer.settings.ejabberd.host}`;
    profanity = await profanityOf(foyer, { user: 'anna', shown: 'Anna' });
  });

  after(async () => {
    await profanity.close();
    await foyer.stop();
  });

  it('lists them, runs one, and fills the form of another in', async function () {
    this.timeout(60_000);
    const page = foyer.page();
    await page.visit({ nick: 'Vera' });
    const { id: chatId, number } = await page.startChat('Hi!');
    await profanity.shows('chat message: Vera · /pricing');

    await profanity.type(`/cmd list ${service}`);
    await profanity.shows(/Ad hoc commands:[^]*! +accept[^]*! +transfer/);
    await profanity.type(`/cmd exec status ${service}`);
    await profanity.shows('You have 0 of 1000 chats.');

    await profanity.type(`/cmd exec accept ${service}`);
    await profanity.shows(`${number}: Vera · /pricing`);
    await profanity.type('/form submit');
    await profanity.shows(`You are now handling chat ${number}`);
    expect(await page.chat(chatId)).to.deep.include({ state: 'active', operator: { name: 'Anna' } });

    await profanity.type(`/cmd exec note ${service}`);
    await profanity.shows('Note that the visitor never sees');
    await profanity.type('/field2 add called twice');
    await profanity.type('/field2 add already');
    await profanity.type('/form submit');
    await profanity.shows(`The note is kept with chat ${number}.`);
    const notes = await foyer.select('SELECT text FROM chat_notes WHERE chat_id = ?', [chatId]);
    expect(notes.map((row) => row['text'])).to.deep.equal(['called twice\nalready']);

    await profanity.type(`/cmd exec queue ${service}`);
    await profanity.shows(/forbidden|Error executing command queue/i);
  });

  it('is answered in its own language, whatever the client says of its own', async () => {
    await foyer.select("UPDATE operators SET language = 'de'");
    await profanity.type(`/cmd exec status ${service}`);
    await profanity.shows('Sie haben 1 von 1000 Chats.');
  });
});
