import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

type Json = Record<string, unknown>;

describe('the helpdesk API: routing', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let german: number;

  before(async function () {
    this.timeout(60_000);
    bridge = await startBridge();
    shop = await bridge.instance('main');
    const made = await call<{ department: { id: number } }>('POST', '/departments', { name: 'German' });
    german = made.body.department.id;
  });
  after(() => bridge.stop());

  const call = <T = Json>(method: string, path: string, body?: unknown, key = shop.key) =>
    bridge.call<T>(key, method, `/api/v1${path}`, body);
  const skills = { required_skills: ['tax'], preferred_skills: ['austria'] };
  const rule = () => ({
    ...{ name: 'German', when: { languages: ['de'], department: 'Sales' }, department: german },
    ...skills,
  });

  it('has no rules at first, and takes a whole list', async () => {
    expect((await call('GET', '/routing-rules')).body).to.deep.equal({ rules: [] });
    const all = { name: 'All', when: {}, department: shop.department };
    const { status, body } = await call('PUT', '/routing-rules', { rules: [rule(), all] });
    const shown = { ...all, required_skills: [], preferred_skills: [] };
    expect([status, body]).to.deep.equal([200, { rules: [rule(), shown] }]);
    await call('PUT', '/routing-rules', { rules: [rule()] });
    expect((await call('GET', '/routing-rules')).body).to.deep.equal({ rules: [rule()] });
  });

  it('keeps the old list when the new one can’t be used', async () => {
    const refused: [unknown, number][] = [
      [{ rules: [{ ...rule(), department: 999_999 }] }, 404],
      [{ rules: [{ ...rule(), when: { languages: ['d e'] } }] }, 422],
      [{ rules: [{ ...rule(), when: { weather: 'fine' } }] }, 422],
      [{ rules: [{ ...rule(), name: '' }] }, 422],
      [{ rules: [{ ...rule(), required_skills: ['two words'] }] }, 422],
    ];
    for (const [body, status] of refused)
      expect((await call('PUT', '/routing-rules', body)).status, JSON.stringify(body)).to.equal(status);
    expect((await call('GET', '/routing-rules')).body).to.deep.equal({ rules: [rule()] });
  });

  it('says where a visitor would land and why, also by rules that aren’t set', async () => {
    const explain = async (body: Json): Promise<Json> =>
      (await call('POST', '/routing-rules/explain', { desk: 'main', ...body })).body;
    expect(await explain({ languages: ['de-AT', 'en'], department: 'sales' })).to.deep.equal({
      department: { id: german, name: 'German' },
      rule: 'German',
      steps: [
        {
          ...{ rule: 'German', holds: true },
          conditions: [
            { on: 'language', wants: 'de', found: 'de-AT', holds: true },
            { on: 'department', wants: 'Sales', found: 'sales', holds: true },
          ],
        },
      ],
      ...{ open: true, opens_at: null },
    });
    expect(await explain({ languages: ['de'] })).to.deep.include({
      department: { id: shop.department, name: 'general' },
      rule: null,
    });
    const rules = [{ name: 'Help', when: { page: '/help*' }, department: german }];
    await call('PUT', `/departments/${german}/hours`, { time_zone: 'UTC', week: {} });
    expect(await explain({ page: 'https://shop.example/help/1', rules })).to.deep.include({
      rule: 'Help',
      open: false,
    });
    expect((await call('POST', '/routing-rules/explain', { desk: 'nowhere' })).status).to.equal(404);
  });

  it('leads a chat that a helpdesk begins, to operators with the skills that it names', async () => {
    await call('DELETE', `/departments/${german}/hours`);
    const rules = [{ name: 'Gold', when: { metadata: { plan: 'gold' } }, department: german, ...skills }];
    await call('PUT', '/routing-rules', { rules });
    const start = async (external_id: string, custom: Json) =>
      (await call<{ chat: Json }>('POST', '/chats', { desk: 'main', visitor: { external_id, custom }, text: 'Hi' }))
        .body.chat;
    await bridge.operator({ ...shop, department: german }, 'olga');
    const pia = await bridge.operator({ ...shop, department: german }, 'pia');
    await call('PATCH', `/operators/${pia.id}`, { skills: ['tax'] });
    expect((await start('a', { plan: 'gold' }))['department']).to.deep.equal({ id: german, name: 'German' });
    const asked = await bridge.query("SELECT operator_id FROM offers WHERE state = 'open'");
    expect(asked.map((row) => row['operator_id'])).to.deep.equal([pia.id]);
    expect((await start('b', { plan: 'tin' }))['department']).to.include({ name: 'general' });
  });

  it('is each instance’s own', async () => {
    const other = await bridge.instance('other');
    expect((await call('GET', '/routing-rules', undefined, other.key)).body).to.deep.equal({ rules: [] });
    expect((await call('PUT', '/routing-rules', { rules: [rule()] }, other.key)).status).to.equal(404);
  });
});
