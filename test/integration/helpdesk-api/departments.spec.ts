import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

interface Department {
  id: number;
  name: string;
  strategy: string;
  offer_seconds: number | null;
}
interface Chat {
  chat: {
    id: number;
    number: number;
    state: string;
    operator: { id: number } | null;
    department: { id: number };
    position: number | null;
  };
}

describe('how a helpdesk has its departments give chats', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
  });
  after(() => bridge.stop());

  const make = async (body: object) =>
    (await bridge.call<{ department: Department }>(shop.key, 'POST', '/api/v1/departments', body)).body.department;
  const set = (id: number, body: object, key = shop.key) =>
    bridge.call<{ department: Department; code: string }>(key, 'PATCH', `/api/v1/departments/${id}`, body);
  const begin = async (desk: string, text: string) =>
    (await bridge.call<Chat>(shop.key, 'POST', '/api/v1/chats', { desk, visitor: {}, text })).body.chat;
  const read = async (id: number) => (await bridge.call<Chat>(shop.key, 'GET', `/api/v1/chats/${id}`)).body.chat;
  const to = async (jid: string) =>
    (await bridge.sent()).filter((entry) => entry['to'] === jid).map((entry) => entry['body'] as string);

  async function desk(key: string, settings: object): Promise<number> {
    const { id } = await make({ name: key, ...settings });
    await bridge.call(shop.key, 'POST', '/api/v1/desks', { key, name: key, department: id });
    return id;
  }

  it('makes them with settings, and changes those that are named', async () => {
    const made = await make({ name: 'Sales', strategy: 'one', offer_seconds: 20 });
    expect(made).to.include({ name: 'Sales', strategy: 'one', offer_seconds: 20 });
    const changed = await set(made.id, { offer_seconds: null, name: 'Sales team' });
    expect(changed.body.department).to.include({ name: 'Sales team', strategy: 'one', offer_seconds: null });
    const audit = await bridge.query("SELECT details FROM audit WHERE action = 'department.change'");
    expect(audit.map((row) => JSON.parse(row['details'] as string) as object)).to.deep.equal([
      { name: 'Sales team', offer_seconds: null },
    ]);
  });

  it('is refused what makes no sense, and what is another instance’s', async () => {
    const { id } = await make({ name: 'Odd' });
    for (const [body, status] of [
      [{ strategy: 'none' }, 422],
      [{ offer_seconds: 0 }, 422],
      [{ surprise: 1 }, 422],
      [{ overflow_department: shop.department }, 422],
      [{ overflow_department: id, overflow_after_seconds: 9 }, 422],
      [{ overflow_department: other.department, overflow_after_seconds: 9 }, 404],
      [{ name: 'GENERAL' }, 409],
    ] as const)
      expect((await set(id, body)).status, JSON.stringify(body)).to.equal(status);
    expect((await set(id, { opening: 'closed' }, other.key)).status).to.equal(404);
    expect((await set(99_999, {})).status).to.equal(404);
  });

  it('refuses chats where it is closed, full, or nobody is there', async () => {
    const id = await desk('door', { opening: 'closed' });
    const start = async () => {
      const { status, body } = await bridge.call<{ code?: string; details?: { reason: string } }>(
        ...([shop.key, 'POST', '/api/v1/chats', { desk: 'door', visitor: {}, text: 'Hello?' }] as const),
      );
      return [status, JSON.stringify(body).match(/queue_closed|queue_full|nobody_there/)?.[0]];
    };
    expect(await start()).to.deep.equal([409, 'queue_closed']);
    await set(id, { opening: 'auto', when_nobody: 'offline' });
    expect(await start()).to.deep.equal([409, 'nobody_there']);
    await set(id, { when_nobody: 'queue', max_waiting: 1 });
    expect((await start())[0]).to.equal(201);
    expect(await start()).to.deep.equal([409, 'queue_full']);
    await set(id, { max_waiting: null });
    expect((await start())[0]).to.equal(201);
  });

  it('shows the place of a chat that waits', async () => {
    await desk('line', {});
    const [first, second] = [await begin('line', 'a'), await begin('line', 'b')];
    expect([first.position, second.position]).to.deep.equal([1, 2]);
    expect((await read(second.id)).position).to.equal(2);
  });

  it('asks one operator, and the next when the first declines', async () => {
    const department = await desk('one', { strategy: 'one' });
    const people = [];
    for (const name of ['una', 'duo']) people.push(await bridge.operator({ ...shop, department }, name));
    const chat = await begin('one', 'Who?');
    expect(chat.state).to.equal('offered');
    const [asked] = await bridge.query("SELECT operator_id FROM offers WHERE chat_id = ? AND state = 'open'", [
      chat.id,
    ]);
    const first = people.find(({ id }) => id === asked?.['operator_id']);
    const second = people.find((one) => one !== first);
    const path = `/api/v1/chats/${chat.id}/decline`;
    expect((await bridge.call(shop.key, 'POST', path, { operator: second?.id })).status, 'not asked').to.equal(409);
    const declined = await bridge.call<Chat>(shop.key, 'POST', path, { operator: first?.id });
    expect([declined.status, declined.body.chat.state]).to.deep.equal([200, 'waiting']);
    expect((await bridge.call(other.key, 'POST', path, { operator: first?.id })).status).to.equal(404);
  });

  it('transfers a chat to an operator or a department, with a note', async () => {
    const department = await desk('move', {});
    const eva = await bridge.operator({ ...shop, department }, 'eva');
    const max = await bridge.operator({ ...shop, department }, 'max');
    const chat = await begin('move', 'My bill');
    const path = `/api/v1/chats/${chat.id}/transfer`;
    const transfer = (body: object, key = shop.key) => bridge.call<Chat>(key, 'POST', path, body);
    expect((await transfer({ operator: max.id })).status, 'nobody has it yet').to.equal(409);
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
      ...{ sender: 'operator', operator_id: eva.id, text: 'Hello', message_id: '1' },
    });
    expect((await transfer({})).status).to.equal(422);
    expect((await transfer({ operator: 99_999 })).status).to.equal(404);
    expect((await transfer({ operator: max.id }, other.key)).status).to.equal(404);
    const asked = await transfer({ operator: max.id, note: 'knows billing', author: 'Boss' });
    expect([asked.status, asked.body.chat.operator?.id]).to.deep.equal([200, eva.id]);
    expect((await to(max.jid)).at(-1)).to.match(
      /Boss asks you to take over [\s\S]*\nknows billing\n[\s\S]*My bill\nEva: Hello$/,
    );
    const moved = await transfer({ department: shop.department });
    expect(moved.body.chat).to.deep.include({ state: 'waiting', operator: null, position: 1 });
    expect(moved.body.chat.department.id).to.equal(shop.department);
    const open = await bridge.query("SELECT id FROM offers WHERE chat_id = ? AND state = 'open'", [chat.id]);
    expect(open).to.deep.equal([]);
  });

  it('leaves a chat for somebody who isn’t there with its owner, or has it wait, as the department says', async () => {
    const department = await desk('absent', {});
    const eli = await bridge.operator({ ...shop, department }, 'eli');
    const gus = await bridge.operator({ ...shop, department }, 'gus', 'offline');
    const chat = await begin('absent', 'My parcel');
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
      ...{ sender: 'operator', operator_id: eli.id, text: 'Hello', message_id: '1' },
    });
    const transfer = () =>
      bridge.call<Chat & { code: string }>(shop.key, 'POST', `/api/v1/chats/${chat.id}/transfer`, {
        ...{ operator: gus.id, note: 'is his customer', author: 'Eli' },
      });
    const refused = await transfer();
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'operator_absent']);
    expect((await read(chat.id)).operator?.id).to.equal(eli.id);
    expect((await set(department, { when_target_absent: 'queue' })).status).to.equal(200);
    const queued = await transfer();
    expect(queued.body.chat).to.deep.include({ state: 'waiting', operator: null, position: 1 });
    expect(queued.body.chat.department.id).to.equal(department);
    expect((await transfer()).status, 'nobody has it now').to.equal(409);
  });

  it('lets an operator have no more chats than it may', async () => {
    const department = await desk('few', { max_per_operator: 1 });
    const ada = await bridge.operator({ ...shop, department }, 'ada');
    const answer = (id: number) =>
      bridge.call<{ code: string }>(shop.key, 'POST', `/api/v1/chats/${id}/messages`, {
        ...{ sender: 'operator', operator_id: ada.id, text: 'Hello', message_id: '1' },
      });
    const [first, second] = [await begin('few', 'a'), await begin('few', 'b')];
    expect((await answer(first.id)).status).to.equal(202);
    const refused = await answer(second.id);
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'operator_full']);
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${first.id}/close`);
    expect((await answer(second.id)).status).to.equal(202);
  });
});
