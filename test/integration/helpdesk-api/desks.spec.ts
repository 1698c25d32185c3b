import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

describe('departments and desks of a helpdesk', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
  });
  after(() => bridge.stop());

  it('are made, listed with who is in them, and changed', async () => {
    const made = await bridge.call<{ department: { id: number } }>(shop.key, 'POST', '/api/v1/departments', {
      name: 'Sales',
    });
    expect(made.status).to.equal(201);
    const sales = made.body.department.id;
    const operator = await bridge.operator({ ...shop, department: sales }, 'anna');
    const departments = await bridge.call<{ departments: unknown[] }>(shop.key, 'GET', '/api/v1/departments');
    const defaults = {
      ...{ strategy: 'all', returning_visitor_first: false, offer_seconds: null, overflow_department: null },
      ...{ overflow_after_seconds: null, max_waiting: null, max_per_operator: null },
      ...{ required_skills: [], preferred_skills: [], match_language: 'no' },
      ...{ when_nobody: 'queue', opening: 'auto', grace_seconds: 300 },
      ...{ remind_visitor_after_seconds: null, remind_operator_after_seconds: null, remind_operator_times: 2 },
      when_unanswered: 'keep',
      room_rights: { join: 'manage', invite: 'answer', kick: 'manage', topic: 'answer' },
      when_target_absent: 'refuse',
      tell_of_watchers: true,
      monitors_take_over: false,
    };
    expect(departments.body.departments).to.deep.equal([
      { id: shop.department, name: 'general', operators: [], ...defaults },
      { id: sales, name: 'Sales', operators: [operator.id], ...defaults },
    ]);
    const desk = {
      key: 'sales',
      name: 'Sales',
      department: sales,
      allowed_origins: ['https://shop.example', 'http://localhost:8000'],
      texts: { greeting: 'Hi!' },
    };
    const created = await bridge.call<{ desk: { id: number } }>(shop.key, 'POST', '/api/v1/desks', desk);
    expect(created.body.desk).to.deep.include({ ...desk, state: 'active', preview: false });
    const changed = await bridge.call(shop.key, 'PATCH', `/api/v1/desks/${created.body.desk.id}`, {
      state: 'inactive',
      preview: true,
      texts: { closed: 'Back at 9' },
    });
    expect(changed.body['desk']).to.deep.include({
      ...desk,
      ...{ state: 'inactive', preview: true, texts: { closed: 'Back at 9' } },
    });
    const list = await bridge.call<{ desks: { key: string }[] }>(shop.key, 'GET', '/api/v1/desks');
    expect(list.body.desks.at(-1)).to.deep.equal(changed.body['desk']);
  });

  it('are refused when taken, malformed, unknown or another instance’s', async () => {
    const desk = { key: 'taken', name: 'Taken', department: shop.department };
    const made = await bridge.call<{ desk: { id: number } }>(shop.key, 'POST', '/api/v1/desks', desk);
    const tries: [string, string, string, unknown, number][] = [
      [shop.key, 'POST', '/api/v1/desks', desk, 409],
      [shop.key, 'POST', '/api/v1/desks', { ...desk, key: 'Not A Key' }, 422],
      [shop.key, 'POST', '/api/v1/desks', { ...desk, key: 'k', allowed_origins: ['https://shop.example/path'] }, 422],
      [shop.key, 'POST', '/api/v1/desks', { ...desk, key: 'k', allowed_origins: ['javascript:alert(1)'] }, 422],
      [shop.key, 'POST', '/api/v1/desks', { ...desk, key: 'k', preview: 'on' }, 422],
      [shop.key, 'POST', '/api/v1/desks', { ...desk, key: 'k', colour: 'red' }, 422],
      [shop.key, 'POST', '/api/v1/desks', { ...desk, key: 'k', department: other.department }, 404],
      [shop.key, 'PATCH', `/api/v1/desks/${made.body.desk.id}`, { key: 'main' }, 409],
      [shop.key, 'PATCH', `/api/v1/desks/${made.body.desk.id}`, { texts: { greeting: 'x', farewell: 'y' } }, 422],
      [other.key, 'PATCH', `/api/v1/desks/${made.body.desk.id}`, { name: 'Mine' }, 404],
      [shop.key, 'POST', '/api/v1/departments', { name: 'GENERAL' }, 409],
      [shop.key, 'POST', '/api/v1/departments', { name: '' }, 422],
      [await bridge.key(shop.id, ['chats', 'operators']), 'GET', '/api/v1/desks', undefined, 403],
    ];
    for (const [key, method, path, body, status] of tries) {
      expect((await bridge.call(key, method, path, body)).status, `${method} ${path} ${JSON.stringify(body)}`).to.equal(
        status,
      );
    }
  });
});
