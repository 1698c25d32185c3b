import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page, PageAnswer } from '../../support/page.js';
import { PublishedApi } from '../../support/published-api.js';
import { until } from '../../support/until.js';
import { startReceiver, type Receiver } from '../../integration/helpdesk-api/receiver.js';
import { beginTalk } from './talk.js';

interface DeskJson {
  open: boolean;
  opens_at: string | null;
}
interface Left {
  offline_message: { id: number; created_at: string };
}

describe('a desk that is closed', () => {
  let foyer: TestFoyer;
  let receiver: Receiver;
  let api: Helpdesk;
  let published: PublishedApi;
  let anna: OperatorClient;
  const opensAt = `${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}T09:00:00.000Z`;

  before(async function () {
    this.timeout(120_000);
    receiver = await startReceiver();
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    api = await helpdesk(foyer);
    published = await PublishedApi.of(foyer.base);
    await api('PUT', '/instance/callback', { url: receiver.url });
    anna = await foyer.operator('anna', 'Anna');
  });
  afterEach(() => api('DELETE', '/departments/1/hours'));
  after(async function () {
    this.timeout(60_000);
    await foyer.stop();
    await receiver.stop();
  });

  const close = () =>
    api('PUT', '/departments/1/hours', {
      time_zone: 'UTC',
      week: {},
      exceptions: [{ date: opensAt.slice(0, 10), open: ['09:00-10:00'] }],
    });

  async function call<T>(page: Page, method: string, path: string, body?: unknown): Promise<PageAnswer<T>> {
    const answer = await page.call<T>(method, path, body);
    published.check(method, `/visitor/v1${path}`, answer);
    return answer;
  }

  const words = { desk: 'main', name: 'Vera', email: 'vera@example.org', text: 'Please call me.\r\nThanks' };

  it('says so, and when it opens', async () => {
    const page = foyer.page();
    await close();
    await page.visit();
    const visit = await call<{ desk: DeskJson }>(page, 'POST', '/visits', { desk: 'main' });
    expect(visit.body.desk).to.include({ open: false, opens_at: opensAt });
    const desk = await call<DeskJson>(page, 'GET', '/desks/main');
    expect(desk.body).to.include({ open: false, opens_at: opensAt });
    const refused = await call<{ code: string; opens_at: string }>(page, 'POST', '/chats', {
      desk: 'main',
      text: 'Hi',
    });
    expect(refused.status).to.equal(409);
    expect(refused.body).to.include({ code: 'desk_closed', opens_at: opensAt });
    expect(await foyer.select('SELECT id FROM chats WHERE visitor_id = ?', [page.visitorId])).to.deep.equal([]);
    await api('DELETE', '/departments/1/hours');
    const now = await call<{ desk: DeskJson }>(page, 'POST', '/visits', { desk: 'main' });
    expect(now.body.desk).to.include({ open: true, opens_at: null });
  });

  it('lets a chat that goes on end by itself', async () => {
    const { page, chatId, contact } = await beginTalk(foyer, anna);
    await close();
    await page.say(chatId, 'Are you still there?');
    await until(() => anna.texts(contact).includes('Are you still there?'), 'the words at the operator');
    const again = await call<{ chat: { id: number } }>(page, 'POST', '/chats', { desk: 'main' });
    expect([again.status, again.body.chat.id]).to.deep.equal([200, chatId]);
  });

  it('is closed for those alone whom the rules lead to a department that is', async () => {
    const { body } = await api<{ department: { id: number } }>('POST', '/departments', { name: 'German' });
    const german = body.department.id;
    await api('PUT', '/routing-rules', {
      rules: [{ name: 'German', when: { languages: ['de'] }, department: german }],
    });
    await api('PUT', `/departments/${german}/hours`, { time_zone: 'UTC', week: {} });
    const come = async (language: string): Promise<[boolean, number]> => {
      const page = foyer.page();
      await page.visit();
      const headers = { 'accept-language': language };
      const visit = await page.call<{ desk: DeskJson }>('POST', '/visits', { desk: 'main' }, headers);
      const chat = await page.call('POST', '/chats', { desk: 'main', text: 'Hi' }, headers);
      return [visit.body.desk.open, chat.status];
    };
    expect(await come('de-AT,en;q=0.5')).to.deep.equal([false, 409]);
    expect(await come('en,de;q=0.5')).to.deep.equal([true, 201]);
    await api('DELETE', `/departments/${german}/hours`);
    expect(await come('de')).to.deep.equal([true, 201]);
    const chats = await foyer.select('SELECT department_id FROM chats ORDER BY id DESC LIMIT 2');
    expect(chats.map((chat) => chat['department_id'] as number)).to.deep.equal([german, 1]);
    await api('PUT', '/routing-rules', { rules: [] });
  });

  it('takes words for later once, lists them, and tells the helpdesk', async () => {
    await close();
    const page = foyer.page();
    await page.visit({ language: 'nl' });
    const leave = () =>
      call<Left>(page, 'POST', '/offline-messages', {
        ...words,
        client_message_id: 'later-1',
        page: { url: 'https://shop.example/help?token=secret' },
      });
    const first = await leave();
    expect(first.status).to.equal(201);
    expect((await leave()).body, 'the same, after a lost answer').to.deep.equal(first.body);
    const left = {
      ...first.body.offline_message,
      ...{ name: 'Vera', email: 'vera@example.org', text: 'Please call me.\nThanks' },
      ...{ page_url: 'https://shop.example/help', language: 'nl', desk: 'main' },
      department: { id: 1, name: 'Support' },
    };
    const callback = await until(
      () => receiver.received.find(({ body }) => body.type === 'offline_message.created'),
      'the callback',
    );
    expect(callback.body.data['offline_message']).to.deep.equal(left);
    expect(callback.body.data['visitor']).to.include({ nick: 'Vera', email: 'vera@example.org' });
    const listed = await api<{ offline_messages: Record<string, unknown>[]; more: boolean }>(
      'GET',
      '/offline-messages?department=1&limit=1',
    );
    published.check('GET', '/api/v1/offline-messages', listed);
    expect(listed.body).to.deep.equal({
      offline_messages: [{ ...left, visitor: { id: page.visitorId, external_id: null, nick: 'Vera' }, done_at: null }],
      more: false,
    });
    const { body } = await api<{ offline_messages: unknown[] }>('GET', `/offline-messages?before=${left.id}`);
    expect(body.offline_messages).to.deep.equal([]);
  });

  it('refuses words that nobody could answer or keep', async () => {
    const page = foyer.page();
    await page.visit();
    const refused = async (change: object): Promise<string> => {
      const { body } = await call<{ code: string }>(page, 'POST', '/offline-messages', {
        ...{ ...words, client_message_id: 'no' },
        ...change,
      });
      return body.code;
    };
    expect(await refused({ email: 'vera' })).to.equal('invalid_request');
    expect(await refused({ name: ' \u202e' })).to.equal('invalid_request');
    expect(await refused({ text: ' \n' })).to.equal('invalid_request');
    expect(await refused({ text: 'x'.repeat(40_000) })).to.equal('message_too_long');
    expect(await refused({ desk: 'nowhere' })).to.equal('not_found');
    page.token = undefined;
    expect(await refused({})).to.equal('unauthenticated');
    expect(await foyer.select("SELECT id FROM offline_messages WHERE client_id = 'no'")).to.deep.equal([]);
  });
});
