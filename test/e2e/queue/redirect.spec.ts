import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { openStream } from '../../support/page-stream.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';

interface Redirect {
  number: number;
  url: string;
  how: string;
  name: string;
}

describe('!redirect', () => {
  let foyer: TestFoyer;
  let api: Helpdesk;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    api = await helpdesk(foyer);
  });

  after(() => foyer.stop());

  async function begin() {
    const page = foyer.page();
    await page.visit({ nick: 'Vera', language: 'de' });
    const { id } = await page.startChat('Where is it?');
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes('Where is it?'), 'Anna is asked');
    await type(anna, contact, '!accept');
    const redirect = async () => ((await page.chat(id)) as unknown as { redirect: Redirect | null }).redirect;
    const said = async () => (await page.messages(id)).slice(1).map(({ sender, text }) => `${sender}: ${text}`);
    return { page, id, contact, redirect, said };
  }

  it('tells the page where to go and the record that it did, once for all pages', async () => {
    const { page, id, contact, redirect, said } = await begin();
    const stream = await openStream(foyer.base, page.token);
    expect(await type(anna, contact, '!redirect /faq?x=1')).to.contain('is sent to https://shop.example/faq?x=1');
    const url = 'https://shop.example/faq?x=1';
    const sent = { number: 2, url, how: 'ask', name: 'Anna' };
    await until(() => stream.text().includes('event: redirect'), 'the page hears of it');
    const [, data = ''] = /event: redirect\ndata: (.*)/.exec(stream.text()) ?? [];
    expect((JSON.parse(data) as { data: unknown }).data).to.deep.include({ redirect: sent });
    expect(await redirect()).to.deep.equal(sent);
    expect(await said()).to.deep.equal([`system: Anna empfiehlt diese Seite: ${url}`]);
    const follow = () => page.call('POST', `/chats/${id}/redirect`, { number: 2 });
    const answers = await Promise.all([follow(), follow(), follow()]);
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([204, 409, 409]);
    expect(await redirect()).to.equal(null);
    await stream.hangUp();
  });

  it('sends nothing where the address isn’t one that the desk allows', async () => {
    const { contact, redirect, said } = await begin();
    for (const [typed, why] of [
      ['javascript:alert(1)', 'Type !redirect and an address'],
      ['https://a:b@shop.example/', 'Type !redirect and an address'],
      ['', 'Type !redirect and an address'],
      ['https://evil.example/', 'another site’s address'],
    ] as const)
      expect(await type(anna, contact, `!redirect ${typed}`), typed).to.contain(why);
    const [desk] = (await api<{ desks: { id: number }[] }>('GET', '/desks')).body.desks;
    await api('PATCH', `/desks/${desk?.id}`, { redirect_to: 'off' });
    expect(await type(anna, contact, '!redirect /faq')).to.contain('sends no page anywhere');
    await api('PATCH', `/desks/${desk?.id}`, { redirect_to: 'any' });
    expect([await redirect(), await said()]).to.deep.equal([null, []]);
    await type(anna, contact, '!redirect https://evil.example/');
    expect(await redirect()).to.include({ url: 'https://evil.example/' });
    await api('PATCH', `/desks/${desk?.id}`, { redirect_to: 'same_site' });
    await type(anna, contact, '!finish');
    expect(await redirect(), 'over with the chat').to.equal(null);
  });
});
