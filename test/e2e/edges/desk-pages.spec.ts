import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page, PageAnswer } from '../../support/page.js';
import { PublishedApi } from '../../support/published-api.js';

interface Visit {
  desk: {
    greeting: { name: string; after_seconds: number } | null;
    shown: boolean;
    open: boolean;
    language: string | null;
    texts: Record<string, string>;
  };
}

describe('a desk on the pages of its sites', () => {
  let foyer: TestFoyer;
  let api: Helpdesk;
  let published: PublishedApi;
  let anna: OperatorClient;

  before(async function () {
    this.timeout(120_000);
    foyer = await TestFoyer.start();
    api = await helpdesk(foyer);
    published = await PublishedApi.of(foyer.base);
    anna = await foyer.operator('anna', 'Anna');
  });
  afterEach(async () => {
    await api('PATCH', '/departments/1', { opening: 'auto' });
    await api('DELETE', '/departments/1/hours');
    await set({ state: 'active', questions: [], show_rules: [], greetings: [], languages: [], translations: {} });
  });
  after(async function () {
    this.timeout(60_000);
    await foyer.stop();
  });

  const set = (body: object) => api('PATCH', '/desks/1', body);
  async function call<T>(page: Page, path: string, body: object): Promise<PageAnswer<T>> {
    const answer = await page.call<T>('POST', path, { desk: 'main', ...body });
    published.check('POST', `/visitor/v1${path}`, answer);
    return answer;
  }
  const start = (page: Page, text = 'Hello') =>
    call<{ code: string; chat: { id: number } }>(page, '/chats', { text, client_message_id: text });
  const view = async (page: Page, body: Record<string, unknown> = {}) => {
    await page.visit(body);
    return (await call<Visit>(page, '/visits', body)).body.desk;
  };

  it('says by page, referrer and language whether the widget shows itself, and in which words', async () => {
    await set({
      show_rules: [
        { when: { page: '/shop/*', referrer: '*search.example/*' }, show: true },
        { when: { page: '/shop/*', languages: ['fr'] }, show: true },
        { show: false },
      ],
      languages: ['de', 'fr'],
      texts: { greeting: 'Hello', wait: 'Soon' },
      translations: { de: { greeting: 'Guten Tag' } },
    });
    const shown = async (url: string, referrer?: string, accept = 'en') => {
      const page = { url, ...(referrer ? { referrer } : {}) };
      const headers = { 'accept-language': accept };
      return (await foyer.page().call<Visit>('POST', '/visits', { desk: 'main', page }, headers)).body.desk.shown;
    };
    expect(await shown('https://shop.example/shop/shoes')).to.equal(false);
    expect(await shown('https://shop.example/shop/shoes?q=1', 'https://www.search.example/?q=shoes')).to.equal(true);
    expect(await shown('https://shop.example/about', 'https://www.search.example/')).to.equal(false);
    expect(await shown('https://shop.example/shop/shoes', undefined, 'fr-CH')).to.equal(true);
    const page = foyer.page();
    expect(await view(page, { language: 'fr' })).to.deep.include({
      language: 'fr',
      texts: { greeting: 'Hello', wait: 'Soon' },
    });
    expect(await view(page, { language: 'en' })).to.deep.include({
      ...{ language: 'de', texts: { greeting: 'Guten Tag', wait: 'Soon' } },
    });
  });

  it('greets a visitor once, and nobody who chats', async () => {
    const greeting = { after_seconds: 5, text: 'Any question?', translations: { de: 'Fragen?' } };
    await set({
      greetings: [
        { ...greeting, name: 'visit', when: { page: '/pricing' } },
        { ...greeting, name: 'ever', when: {}, once: 'visitor' },
      ],
    });
    const page = foyer.page();
    const greet = async (name: string) => (await call<{ text: string | null }>(page, '/greetings', { name })).body.text;
    expect((await view(page, { language: 'de-AT' })).greeting).to.deep.equal({ name: 'visit', after_seconds: 5 });
    const both = await Promise.all([greet('visit'), greet('visit')]);
    expect(both.sort(), 'by two tabs at once').to.deep.equal(['Fragen?', null]);
    expect((await view(page)).greeting?.name).to.equal('ever');
    expect(await greet('ever')).to.equal('Fragen?');
    expect(await greet('unknown')).to.equal(null);
    expect((await view(page)).greeting).to.equal(null);
    await foyer.select('UPDATE visitors SET online = 0 WHERE id = ?', [page.visitorId]);
    expect((await view(page)).greeting?.name, 'with the next visit').to.equal('visit');
    await start(page);
    expect([await greet('visit'), (await view(page)).greeting]).to.deep.equal([null, null]);
  });

  it('shows an inactive desk nowhere and refuses chats there, while one that is open goes on', async () => {
    const talking = foyer.page();
    await talking.visit();
    const { body } = await start(talking);
    await set({ state: 'inactive', questions: [{ key: 'q', kind: 'text', label: 'Q', required: true }] });
    const page = foyer.page();
    expect(await view(page)).to.include({ shown: false, open: false, greeting: null });
    const refused = await start(page);
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'desk_inactive']);
    expect((await start(talking, 'There?')).status).to.equal(200);
    await anna.say(foyer.contact(talking), 'So am I');
    await talking.untilMessages(body.chat.id, 'the answer', (list) => list.length === 3);
  });

  it('is open or closed by hand whatever the hours say, until it goes by them again', async () => {
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    const hours = { time_zone: 'UTC', week: {}, exceptions: [{ date: tomorrow, open: ['09:00-10:00'] }] };
    await api('PUT', '/departments/1/hours', hours);
    const opening = (state: string) => api('PATCH', '/departments/1', { opening: state });
    const page = foyer.page();
    expect((await view(page)).open, 'by the hours').to.equal(false);
    await opening('open');
    expect((await view(page)).open, 'by hand').to.equal(true);
    expect((await start(page)).status).to.equal(201);
    await opening('auto');
    const late = foyer.page();
    expect((await view(late)).open, 'by the hours again').to.equal(false);
    expect((await start(late)).body.code).to.equal('desk_closed');
    await api('DELETE', '/departments/1/hours');
    await opening('closed');
    expect((await view(late)).open, 'closed by hand').to.equal(false);
  });
});
