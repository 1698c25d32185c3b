import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

interface Problem {
  code: string;
  issues?: { path: string; message: string }[];
}
interface Desk {
  desk: Record<string, unknown> & { id: number; questions: Record<string, unknown>[] };
}

describe('the helpdesk API: what a desk asks, shows and says', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };
  let id: number;

  before(async function () {
    this.timeout(60_000);
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
    ({ id } = (await bridge.query('SELECT id FROM desks WHERE instance_id = ?', [shop.id]))[0] as { id: number });
  });
  after(() => bridge.stop());

  const set = (body: unknown) => bridge.call<Desk & Problem>(shop.key, 'PATCH', `/api/v1/desks/${id}`, body);
  const faults = async (body: unknown): Promise<string> => {
    const { status, body: problem } = await set(body);
    expect([status, problem.code], JSON.stringify(body).slice(0, 200)).to.deep.equal([422, 'invalid_request']);
    return (problem.issues ?? []).map(({ path, message }) => `${path}: ${message}`).join('\n');
  };

  it('is none of it at first', async () => {
    const { body } = await bridge.call<{ desks: Desk['desk'][] }>(shop.key, 'GET', '/api/v1/desks');
    expect(body.desks[0]).to.deep.include({
      ...{ questions: [], show_rules: [], greetings: [], languages: [], translations: {} },
    });
  });

  it('is set piece by piece, comes back as it was given, and can be given again', async () => {
    const questions = [
      { key: 'name', kind: 'name', label: 'Your name 👋', translations: { de: 'Ihr Name' }, required: true },
      { key: 'topic', kind: 'topic', label: 'موضوع', choices: [{ value: 'Bill', department: shop.department }] },
      { key: 'terms', kind: 'consent', label: '<b>I agree</b>', required: true },
    ];
    const show = [{ when: { page: '/shop*', languages: ['de'] }, show: true }, { show: false }];
    const greetings = [{ name: 'prices', when: { page: '/pricing' }, after_seconds: 20, text: 'Any question?' }];
    expect((await set({ questions })).status).to.equal(200);
    expect((await set({ show_rules: show, greetings, languages: ['de', 'en'] })).status).to.equal(200);
    const { body } = await set({ texts: { wait: 'Soon' }, translations: { de: { greeting: 'Guten Tag' } } });
    expect(body.desk.questions[0]).to.deep.equal({ ...questions[0], every_chat: false, max_length: 100, choices: [] });
    expect(body.desk.questions[1]?.['choices']).to.deep.equal([
      { value: 'Bill', label: 'Bill', translations: {}, department: shop.department },
    ]);
    expect(body.desk.questions[2]).to.include({ label: '<b>I agree</b>', every_chat: true });
    expect(body.desk['show_rules']).to.deep.equal([show[0], { when: {}, show: false }]);
    expect(body.desk['greetings']).to.deep.equal([{ ...greetings[0], once: 'visit', translations: {} }]);
    expect(body.desk).to.deep.include({ languages: ['de', 'en'], texts: { wait: 'Soon' } });
    const { id: _id, ...again } = body.desk;
    expect((await set(again)).body.desk).to.deep.equal(body.desk);
  });

  it('is refused with the place of each fault, and nothing is changed', async () => {
    const before = await bridge.query('SELECT * FROM desks');
    const ask = (more: object) => ({ questions: [{ key: 'q', kind: 'text', label: 'Q', ...more }] });
    expect(await faults(ask({ label: 'x'.repeat(30_000) }))).to.match(/questions\.0\.label: .*300/);
    expect(await faults(ask({ label: ' ' }))).to.include('questions.0.label: must not be empty');
    expect(await faults(ask({ key: '__proto__' }))).to.include('questions.0.key: must be a lower case name');
    expect(await faults(ask({ kind: 'number' }))).to.include('questions.0.kind');
    expect(await faults(ask({ kind: 'choice' }))).to.include('questions.0.choices: must have a choice');
    expect(await faults(ask({ choices: [{ value: 'a' }] }))).to.include('of the kind text has none');
    expect(await faults(ask({ max_length: 201 }))).to.include('questions.0.max_length: must be 200 at most');
    expect(await faults(ask({ kind: 'choice', choices: [{ value: 'a' }, { value: 'a' }] }))).to.include('different');
    expect(await faults(ask({ kind: 'choice', choices: [{ value: 'a', department: 1 }] }))).to.include('only a topic');
    expect(await faults(ask({ translations: { xx: 'Q' } }))).to.include('questions.0.translations');
    expect(await faults({ questions: [ask({}).questions[0], ask({}).questions[0]] })).to.include('different keys');
    const twice = ['a', 'b'].map((key) => ({ key, kind: 'name', label: 'Name' }));
    expect(await faults({ questions: twice })).to.include('once at most');
    expect(await faults({ questions: Array.from({ length: 11 }, (_, i) => ({ ...twice[0], key: `q${i}` })) })).to.match(
      /questions: .*10/,
    );
    expect(await faults({ show_rules: [{ when: { page: '' }, show: true }] })).to.include('show_rules.0.when.page');
    expect(await faults({ greetings: [{ name: 'x', after_seconds: -1, text: 'Hi' }] })).to.include('after_seconds');
    expect(await faults({ languages: ['de', 'de'] })).to.include('languages: must be different');
    expect(await bridge.query('SELECT * FROM desks')).to.deep.equal(before);
  });

  it('knows no department of another instance', async () => {
    const topic = { key: 't', kind: 'topic', label: 'T', choices: [{ value: 'a', department: other.department }] };
    const { status, body } = await set({ questions: [topic] });
    expect([status, body.code]).to.deep.equal([404, 'not_found']);
  });
});
