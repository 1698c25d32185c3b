import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

interface OperatorJson {
  id: number;
  name: string;
  jid: string;
  account: string;
  disabled: boolean;
  max_chats: number;
  departments: { id: number; name: string; priority: number; access: string }[];
  presence: { show: string; status: string; resources: number };
  open_chats: number;
}
type One = { operator: OperatorJson; password?: string };

describe('operators of a helpdesk', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('shop');
  });
  after(() => bridge.stop());

  const create = (body: unknown, key = shop.key) => bridge.call<One>(key, 'POST', '/api/v1/operators', body);
  const get = async (id: number) => (await bridge.call<One>(shop.key, 'GET', `/api/v1/operators/${id}`)).body.operator;
  const passwordBox = async (jid: string) => {
    const [local] = jid.split('@');
    return (await bridge.query('SELECT accounts.password_box FROM accounts WHERE accounts.local = ?', [local]))[0]?.[
      'password_box'
    ] as Buffer;
  };

  it('get an account on ejabberd and a password that is shown once', async () => {
    const { status, body } = await create({
      username: 'anna',
      name: 'Anna Ångström',
      departments: [shop.department],
      max_chats: 3,
    });
    expect(status).to.equal(201);
    expect(body.operator).to.deep.include({
      name: 'Anna Ångström',
      jid: 'anna@foyer.localhost',
      account: 'wanted',
      disabled: false,
      max_chats: 3,
      departments: [{ id: shop.department, name: 'general', priority: 1, access: 'answer' }],
      presence: { show: 'offline', status: '', resources: 0, web: false },
    });
    expect(body.password).to.match(/^[\w-]{22}$/);
    expect(await get(body.operator.id)).to.deep.equal(body.operator);
    expect((await bridge.sent()).at(-1)).to.deep.equal({ kind: 'account.provision' });
    const [account] = await bridge.query(
      "SELECT accounts.kind, accounts.roster_group FROM accounts WHERE accounts.local = 'anna'",
    );
    expect(account).to.deep.include({ kind: 'operator', roster_group: 'operators' });
  });

  it('have skills, languages, and a place in each department that stays where only its id is given', async () => {
    const place = { id: shop.department, priority: 2, access: 'manage' };
    const { body } = await create({
      ...{ username: 'paula', name: 'Paula', departments: [place], skills: ['Refunds', 'billing'] },
      ...{ speaks: ['de', 'pt-BR'], approved: false },
    });
    expect(body.operator).to.deep.include({
      ...{ departments: [{ ...place, name: 'general' }], skills: ['refunds', 'billing'] },
      ...{ speaks: ['de', 'pt-BR'], approved: false },
    });
    const change = { departments: [shop.department], skills: [], approved: true };
    const path = `/api/v1/operators/${body.operator.id}`;
    const changed = await bridge.call<One>(shop.key, 'PATCH', path, change);
    expect(changed.body.operator).to.deep.include({
      ...{ departments: [{ ...place, name: 'general' }], skills: [], speaks: ['de', 'pt-BR'], approved: true },
    });
    for (const wrong of [{ skills: ['two words'] }, { departments: [{ ...place, priority: 10 }] }, { speaks: ['?'] }])
      expect((await bridge.call<One>(shop.key, 'PATCH', path, wrong)).status, JSON.stringify(wrong)).to.equal(422);
  });

  it('of another instance carry its name, and are in a group of their own', async () => {
    const { body } = await create({ username: 'anna', name: 'Anna' }, other.key);
    expect(body.operator.jid).to.equal('anna.shop@foyer.localhost');
    const [account] = await bridge.query(
      "SELECT accounts.roster_group FROM accounts WHERE accounts.local = 'anna.shop'",
    );
    expect(account?.['roster_group']).to.equal('operators.shop');
  });

  it('keep a password that was given, which no answer repeats', async () => {
    const { body } = await create({ username: 'bert', name: 'Bert', password: 'correct-horse' });
    expect(body).not.to.have.property('password');
    expect((await passwordBox(body.operator.jid)).toString('latin1')).not.to.contain('correct-horse');
  });

  it('are refused by names that could be taken for somebody else', async () => {
    const names = [
      '',
      'Anna',
      'an na',
      'anna@x',
      '.anna',
      'visitor.1',
      'visitor.anna',
      'foyer',
      'foyer-api',
      'zoe.shop',
      'ünal',
      'x'.repeat(62),
    ];
    for (const username of names) {
      const answer = await create({ username, name: 'X' });
      expect([answer.status, (answer.body as unknown as { code: string }).code], username).to.deep.equal([
        422,
        'invalid_request',
      ]);
    }
    const taken = await create({ username: 'anna', name: 'Another Anna' });
    expect([taken.status, (taken.body as unknown as { code: string }).code]).to.deep.equal([409, 'conflict']);
  });

  it('are refused with unknown fields, weak passwords, no scope and departments of another instance', async () => {
    const body = { username: 'carl', name: 'Carl' };
    const bodies: [unknown, number][] = [
      [{ ...body, admin: true }, 422],
      [{ ...body, password: 'short' }, 422],
      [{ ...body, password: 'with space inside' }, 422],
      [{ ...body, max_chats: 0 }, 422],
      [{ ...body, name: ' \n ' }, 422],
      [{ ...body, departments: [other.department] }, 404],
    ];
    for (const [one, status] of bodies) expect((await create(one)).status, JSON.stringify(one)).to.equal(status);
    expect((await create(body, await bridge.key(shop.id, ['chats']))).status).to.equal(403);
    expect(await bridge.query("SELECT accounts.id FROM accounts WHERE accounts.local = 'carl'")).to.deep.equal([]);
  });

  it('of the same name made at the same moment are one', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => create({ username: 'dora', name: 'Dora' })));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409, 409, 409, 409]);
  });

  it('show their state as their clients report it', async () => {
    const { id } = await bridge.operator(shop, 'emma', 'dnd');
    await bridge.query("UPDATE operator_presence SET status = 'lunch', resources = 2 WHERE operator_id = ?", [id]);
    expect((await get(id)).presence).to.deep.equal({ show: 'dnd', status: 'lunch', resources: 2, web: false });
    const list = await bridge.call<{ operators: OperatorJson[] }>(shop.key, 'GET', '/api/v1/operators');
    expect(list.body.operators.find((operator) => operator.id === id)?.presence.show).to.equal('dnd');
    expect(list.body.operators.map(({ jid }) => jid)).not.to.include('anna.shop@foyer.localhost');
  });

  it('change only in what is given', async () => {
    const { id } = await bridge.operator(shop, 'fred', 'offline');
    const { body } = await bridge.call<One>(shop.key, 'PATCH', `/api/v1/operators/${id}`, {
      name: 'Freddy',
      ...{ departments: [], off_duty: true },
    });
    expect(body.operator).to.deep.include({ name: 'Freddy', departments: [], max_chats: 4, disabled: false });
    expect(body.operator).to.deep.include({ off_duty: true, paused: false });
    expect((await bridge.sent()).at(-1)).to.deep.equal({ kind: 'account.rename', name: 'Freddy' });
    expect((await bridge.call(shop.key, 'PATCH', `/api/v1/operators/${id}`, { jid: 'x@y' })).status).to.equal(422);
    expect((await bridge.call(other.key, 'PATCH', `/api/v1/operators/${id}`, { name: 'Mine' })).status).to.equal(404);
  });

  it('get a new password, made up or given', async () => {
    const { id, jid } = await bridge.operator(shop, 'gina', 'offline');
    const before = await passwordBox(jid);
    const made = await bridge.call<{ jid: string; password?: string }>(
      shop.key,
      'PUT',
      `/api/v1/operators/${id}/password`,
    );
    expect(made.body.password).to.match(/^[\w-]{22}$/);
    expect((await passwordBox(jid)).equals(before)).to.equal(false);
    expect((await bridge.sent()).at(-1)).to.deep.equal({ kind: 'account.provision' });
    const given = await bridge.call(shop.key, 'PUT', `/api/v1/operators/${id}/password`, { password: 'a-longer-one' });
    expect(given.body).to.deep.equal({ jid });
    expect(
      (await bridge.call(shop.key, 'PUT', `/api/v1/operators/${id}/password`, { password: 'short' })).status,
    ).to.equal(422);
    expect((await bridge.call(other.key, 'PUT', `/api/v1/operators/${id}/password`)).status).to.equal(404);
  });

  it('who are removed lose their account, and their chats wait for the others', async () => {
    const hal = await bridge.operator(shop, 'hal');
    const ida = await bridge.operator(shop, 'ida');
    const begun = await bridge.call<{ chat: { id: number } }>(shop.key, 'POST', '/api/v1/chats', {
      desk: 'main',
      visitor: {},
      text: 'Hello',
    });
    const path = `/api/v1/chats/${begun.body.chat.id}`;
    await bridge.call(shop.key, 'POST', `${path}/messages`, {
      sender: 'operator',
      operator_id: hal.id,
      text: 'Yes?',
      message_id: 'a',
    });
    await bridge.call(shop.key, 'POST', `${path}/messages`, { text: 'My order is late', message_id: 'b' });
    expect((await get(hal.id)).open_chats).to.equal(1);
    expect((await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${hal.id}`)).status).to.equal(204);
    expect(await get(hal.id)).to.deep.include({
      disabled: true,
      account: 'removing',
      open_chats: 0,
      presence: { show: 'offline', status: '', resources: 0, web: false },
    });
    const chat = await bridge.call<{ chat: { state: string; operator: unknown } }>(shop.key, 'GET', path);
    expect(chat.body.chat).to.deep.include({ state: 'offered', operator: null });
    const toIda = (await bridge.sent())
      .filter((entry) => entry['to'] === ida.jid)
      .map((entry) => entry['body'] as string);
    expect(toIda.at(-1)).to.match(
      /^\[Chat \d+\] hal has handed over .*\n.*: Hello\nhal: Yes\?\n.*: My order is late$/i,
    );
    const as = await bridge.call(shop.key, 'POST', `${path}/messages`, {
      sender: 'operator',
      operator_id: hal.id,
      text: 'me again',
      message_id: 'c',
    });
    expect(as.status).to.equal(404);
    expect((await bridge.call(shop.key, 'PUT', `/api/v1/operators/${hal.id}/password`)).status).to.equal(409);
    expect((await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${hal.id}`)).status, 'twice').to.equal(204);
    expect((await bridge.call(other.key, 'DELETE', `/api/v1/operators/${ida.id}`)).status).to.equal(404);
    const back = await bridge.call<One>(shop.key, 'PATCH', `/api/v1/operators/${hal.id}`, { disabled: false });
    expect(back.body.operator).to.deep.include({ disabled: false, account: 'wanted' });
    expect((await bridge.sent()).at(-1)).to.deep.equal({ kind: 'account.provision' });
  });

  it('are changed on the record: who did what, without secrets', async () => {
    const audit = await bridge.query(
      "SELECT audit.actor, audit.action, audit.subject, audit.details FROM audit WHERE audit.action LIKE 'operator.%'",
    );
    expect(audit.map((row) => row['action'])).to.include.members([
      'operator.create',
      'operator.change',
      'operator.password',
      'operator.remove',
    ]);
    for (const row of audit) expect(row['actor']).to.match(/^key:\d+$/);
    expect(JSON.stringify(audit)).not.to.contain('correct-horse').and.not.to.contain('a-longer-one');
  });
});
