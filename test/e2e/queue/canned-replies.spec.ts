import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';

describe('canned replies', () => {
  let foyer: TestFoyer;
  let api: Helpdesk;
  let anna: OperatorClient;
  let bert: OperatorClient;
  let service: string;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
    service = `foyer@${foyer.settings.ejabberd.host}`;
    api = await helpdesk(foyer);
    const replies = [
      {
        name: 'hello',
        text: 'Hello {nick}, I am {operator}.',
        translations: { de: 'Hallo {nick}, hier ist {operator}.' },
      },
      { name: 'delivery', text: 'You are on {page}. It takes three days.' },
      { name: 'delivery', text: 'Support says: two days.', department: 1 },
    ];
    for (const reply of replies) await api('POST', '/canned-replies', reply);
  });

  after(() => foyer.stop());

  async function begin(text: string, details: Record<string, unknown> = {}) {
    const page = foyer.page();
    await page.visit({ nick: 'Vera', ...details });
    const { id, number } = await page.startChat(text);
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes(text) && bert.texts(contact).includes(text), 'both are asked');
    const said = async () => (await page.messages(id)).slice(1).map((message) => message.text);
    return { page, id, number, contact, said };
  }

  it('are listed, and sent as the operator’s words: the first one takes the chat', async () => {
    const { page, id, contact, said } = await begin('Hi there');
    expect(await type(anna, service, '!canned')).to.equal('[Foyer] Canned replies: delivery, hello');
    expect(await type(anna, contact, '!canned Hello')).to.equal('[Foyer] Sent:\nHello Vera, I am Anna.');
    expect(await page.chat(id)).to.deep.include({ state: 'active', operator: { name: 'Anna' } });
    const [, message] = await page.messages(id);
    expect(message).to.include({ number: 2, sender: 'operator', name: 'Anna', text: 'Hello Vera, I am Anna.' });
    await until(() => bert.texts(contact).some((text) => text.includes('Anna has taken this chat')), 'Bert is told');
    await bert.say(contact, '!canned delivery');
    await until(() => bert.texts(contact).some((text) => text.includes('Anna has this chat')), 'Bert is refused');
    expect(await said()).to.deep.equal(['Hello Vera, I am Anna.']);
  });

  it('go several in one line, by the chat’s number, in the visitor’s language and with the department’s own', async () => {
    const { number, contact, said } = await begin('Guten Tag', { language: 'de-AT' });
    await type(anna, contact, `!accept ${number}`);
    await type(anna, service, `!canned ${number} hello delivery`);
    expect(await said()).to.deep.equal(['Hallo Vera, hier ist Anna.', 'Support says: two days.']);
  });

  it('are sent all or none: an unknown name is answered with the nearest', async () => {
    const { contact, said } = await begin('Where is it?');
    expect(await type(anna, contact, '!canned hello delivry')).to.equal(
      '[Foyer] There is no canned reply “delivry”: delivery? The visitor was sent nothing.',
    );
    expect(await type(anna, contact, '!canned refund')).to.contain('There is no canned reply “refund”. The visitor');
    expect(await said()).to.deep.equal([]);
  });

  it('invite a visitor who has no chat, as any text does', async () => {
    const page = foyer.page();
    await page.visit();
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'the contact is there');
    await type(anna, foyer.contact(page), '!canned hello');
    const { chat } = await page.visit();
    expect(chat?.state).to.equal('invited');
    expect((await page.messages(chat?.id ?? 0)).map(({ text }) => text)).to.deep.equal(['Hello, I am Anna.']);
  });
});
