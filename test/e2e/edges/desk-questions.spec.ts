import { expect } from 'chai';
import { startReceiver, type Receiver } from '../../integration/helpdesk-api/receiver.js';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page, PageAnswer } from '../../support/page.js';
import { PublishedApi } from '../../support/published-api.js';
import { until } from '../../support/until.js';

interface Refusal {
  code: string;
  issues: { path: string; problem: string }[];
}
interface Visit {
  desk: { questions: { key: string; label: string }[] };
}
interface Chat {
  chat: { id: number; number: number; department: { name: string }; answers: object[]; state: string };
}

const QUESTIONS = [
  { key: 'name', kind: 'name', label: 'Your name', translations: { de: 'Ihr Name' }, required: true },
  { key: 'mail', kind: 'email', label: 'Your e-mail' },
  { key: 'order', kind: 'text', label: 'Order <b>number</b>', max_length: 8 },
  { key: 'plan', kind: 'choice', label: 'Plan', choices: [{ value: 'Small' }, { value: 'Large' }] },
  { key: 'terms', kind: 'consent', label: 'شروط', required: true },
];
const ANSWERS = { name: ' Vera\u202e 🦊 ', mail: 'vera@example.org', order: '<i>7</i>', plan: 'Large', terms: true };

describe('what a desk asks before a chat', () => {
  let foyer: TestFoyer;
  let receiver: Receiver;
  let api: Helpdesk;
  let published: PublishedApi;
  let anna: OperatorClient;
  let billing: number;

  before(async function () {
    this.timeout(120_000);
    receiver = await startReceiver();
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    api = await helpdesk(foyer);
    published = await PublishedApi.of(foyer.base);
    await api('PUT', '/instance/callback', { url: receiver.url });
    const made = await api<{ department: { id: number } }>('POST', '/departments', { name: 'Billing' });
    billing = made.body.department.id;
    anna = await foyer.operator('anna', 'Anna');
  });
  afterEach(async () => {
    await api('PUT', '/routing-rules', { rules: [] });
    await set({ questions: [] });
  });
  after(async function () {
    this.timeout(60_000);
    await foyer.stop();
    await receiver.stop();
  });

  const set = (body: object) => api('PATCH', '/desks/1', body);
  async function call<T>(page: Page, path: string, body: object): Promise<PageAnswer<T>> {
    const answer = await page.call<T>('POST', path, { desk: 'main', ...body });
    published.check('POST', `/visitor/v1${path}`, answer);
    return answer;
  }
  const start = <T = Chat>(page: Page, answers?: object, text = 'Hello') =>
    call<T>(page, '/chats', { text, client_message_id: text, ...(answers ? { answers } : {}) });
  const view = async (page: Page, body: Record<string, unknown> = {}) => {
    await page.visit(body);
    return (await call<Visit>(page, '/visits', body)).body.desk;
  };

  it('reaches the operator, the record, the helpdesk and the visitor’s next chat', async () => {
    await set({ questions: QUESTIONS });
    const page = foyer.page();
    const asked = (await view(page, { language: 'de' })).questions;
    expect(asked.map(({ label }) => label)).to.deep.equal([
      ...['Ihr Name', 'Your e-mail', 'Order <b>number</b>', 'Plan', 'شروط'],
    ]);
    const { status, body } = await start(page, ANSWERS);
    expect(status, JSON.stringify(body)).to.equal(201);
    expect((await start(page, ANSWERS)).status, 'the same once more').to.equal(200);
    const lines = [
      ...[
        'Your name: Vera 🦊',
        'Your e-mail: vera@example.org',
        'Order <b>number</b>: <i>7</i>',
        'Plan: Large',
        'شروط: yes',
      ],
    ];
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes('Hello'), 'the words at the operator');
    expect(anna.texts(contact)[0]).to.equal(
      [`[Chat ${body.chat.number}] Answered before the chat:`, ...lines].join('\n'),
    );
    await anna.say(contact, '!info');
    const info = await until(() => anna.texts(contact)[2], 'the answer to !info');
    expect(info).to.include('[Plan] Large');
    expect(info.match(/Large/g), 'once each').to.have.length(1);

    const answers = [
      ...[
        { key: 'name', label: 'Your name', value: 'Vera 🦊' },
        { key: 'mail', label: 'Your e-mail', value: 'vera@example.org' },
        { key: 'order', label: 'Order <b>number</b>', value: '<i>7</i>' },
      ],
      ...[
        { key: 'plan', label: 'Plan', value: 'Large' },
        { key: 'terms', label: 'شروط', value: 'yes' },
      ],
    ];
    const { raw } = await api('GET', `/chats/${body.chat.id}/transcript`);
    expect((JSON.parse(raw) as Chat).chat.answers).to.deep.equal(answers);
    expect((await api('GET', `/chats/${body.chat.id}/transcript?format=text`)).raw).to.include(lines.join('\n'));
    const visitor = await api<{ visitor: object }>('GET', `/visitors/by-id/${page.visitorId}`);
    expect(visitor.body.visitor).to.deep.include({
      ...{ nick: 'Vera 🦊', email: 'vera@example.org' },
      custom: { order: '<i>7</i>', plan: 'Large', terms: 'yes' },
    });
    const told = await until(
      () =>
        receiver.received
          .filter(({ body: { type } }) => type === 'chat.started')
          .map(({ body: { data } }) => data['chat'] as Chat['chat'])
          .find(({ id }) => id === body.chat.id),
      'the callback',
    );
    expect(told.answers).to.deep.equal(answers);

    await page.call('POST', `/chats/${body.chat.id}/close`);
    expect(
      (await view(page)).questions.map(({ key }) => key),
      'asked again',
    ).to.deep.equal(['order', 'plan', 'terms']);
    await api('DELETE', `/visitors/by-id/${page.visitorId}`);
    expect(await foyer.select('SELECT id FROM chats WHERE answers IS NOT NULL')).to.deep.equal([]);
  });

  it('refuses a chat whose answers it can’t take, with a code and the questions', async () => {
    await set({ questions: QUESTIONS });
    const page = foyer.page();
    await page.visit();
    const refused = async (answers?: object): Promise<string[]> => {
      const { status, body } = await start<Refusal>(page, answers);
      expect([status, body.code]).to.deep.equal([422, 'answers_refused']);
      return body.issues.map(({ path, problem }) => `${path.replace('answers.', '')} ${problem}`);
    };
    expect(await refused()).to.deep.equal(['name required', 'terms required']);
    expect(await refused({ ...ANSWERS, name: ' \u202e ', terms: false })).to.deep.equal([
      'name required',
      'terms required',
    ]);
    expect(
      await refused({
        name: 'x'.repeat(101),
        mail: 'vera@example',
        order: true,
        plan: 'large',
        terms: 'yes',
        gone: 'x',
      }),
    ).to.deep.equal([
      ...['gone unknown', 'name too_long', 'mail not_an_email', 'order wrong_type', 'plan not_a_choice'],
      'terms wrong_type',
    ]);
    for (const answers of [
      { __proto__x: 'a' },
      { name: ['a'] },
      { name: null },
      'name',
      { name: 'x'.repeat(30_000) },
    ]) {
      const { status } = await call(page, '/chats', { text: 'Hi', answers });
      expect(status, JSON.stringify(answers).slice(0, 50)).to.equal(422);
    }
    expect(await foyer.select('SELECT id FROM chats WHERE visitor_id = ?', [page.visitorId])).to.deep.equal([]);
    const [row] = await foyer.select('SELECT nick FROM visitors WHERE id = ?', [page.visitorId]);
    expect(row?.['nick'], 'of an answer that was refused').to.equal(null);
  });

  it('doesn’t ask for what the site knows, nor a helpdesk', async () => {
    await set({ questions: QUESTIONS.slice(0, 2) });
    const page = foyer.page();
    expect((await view(page, { nick: 'Vera', email: 'vera@example.org' })).questions).to.deep.equal([]);
    expect((await start(page)).status).to.equal(201);
    const begun = await api<Chat>('POST', '/chats', { desk: 'main', visitor: {}, text: 'By the helpdesk' });
    expect(begun.status).to.equal(201);
  });

  it('has the topic name the department, unless a rule decides by an answer', async () => {
    const choices = [{ value: 'Bill', department: billing }, { value: 'Other' }];
    await set({ questions: [{ key: 'topic', kind: 'topic', label: 'What is it about?', choices }] });
    const land = async (topic: string): Promise<string> => {
      const page = foyer.page();
      await page.visit();
      const { body } = await start(page, { topic });
      return (await api<Chat>('GET', `/chats/${body.chat.id}`)).body.chat.department.name;
    };
    expect([await land('Bill'), await land('Other')]).to.deep.equal(['Billing', 'Support']);
    const other = { name: 'other', when: { metadata: { topic: 'oth*' } }, department: billing };
    const bill = { name: 'bill', when: { department: 'Billing' }, department: 1 };
    await api('PUT', '/routing-rules', { rules: [other, bill] });
    expect([await land('Bill'), await land('Other')]).to.deep.equal(['Support', 'Billing']);
  });
});
