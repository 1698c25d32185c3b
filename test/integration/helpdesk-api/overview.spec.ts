import { expect } from 'chai';
import { STREAMS_AT_MOST } from '../../../bridge/inbound/helpdesk-api/overview-watch.js';
import { run } from '../../../bridge/storage/pool.js';
import { streamOf } from '../../support/page-stream.js';
import { PublishedApi } from '../../support/published-api.js';
import { until } from '../../support/until.js';
import { startBridge, type TestBridge } from './bridge.js';

interface Overview {
  at: string;
  departments: {
    id: number;
    name: string;
    open: boolean;
    closed_because: string | null;
    waiting: number;
    offered: number;
    active: number;
    waiting_since: string | null;
    longest_wait: number | null;
    operators: { online: number; available: number; paused: number };
  }[];
  chats: {
    id: number;
    state: string;
    visitor: { nick: string | null };
    operator: number | null;
    asked: number;
    asked_operator: number | null;
    waiting_since: string | null;
    last_number: number;
  }[];
  more: boolean;
  operators: { id: number; name: string; show: string; open_chats: number; departments: number[] }[];
  more_operators: boolean;
}

type Instance = { id: number; key: string; department: number };

/** An open stream of overviews. */
interface Stream {
  status: number;
  retryAfter: string | null;
  /** Those that have come, oldest first. */
  overviews(): Overview[];
  ended(): boolean;
  hangUp(): Promise<void>;
}

describe('the overview', () => {
  let bridge: TestBridge;
  let shop: Instance;
  let other: Instance;
  let anna: { id: number };
  let visitors = 0;
  const streams: Stream[] = [];

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
    anna = await bridge.operator(shop, 'anna');
  });
  afterEach(async () => {
    for (const stream of streams.splice(0)) await stream.hangUp();
    await run(bridge.pool, "UPDATE chats SET state = 'closed'");
    await run(bridge.pool, "UPDATE offers SET state = 'revoked'");
    await run(bridge.pool, "UPDATE departments SET opening = 'auto', when_empty = 'queue', max_waiting = NULL");
    await run(bridge.pool, 'DELETE FROM department_hours');
    await run(bridge.pool, 'UPDATE operators SET paused = 0, approved = 1, disabled_at = NULL');
    await run(bridge.pool, "UPDATE operator_presence SET show_state = 'available'");
  });
  after(() => bridge.stop());

  async function overview(key = shop.key): Promise<Overview> {
    const { status, body } = await bridge.call<Overview>(key, 'GET', '/api/v1/overview');
    expect(status, JSON.stringify(body)).to.equal(200);
    return body;
  }

  /** A chat in which the visitor has written. */
  async function begin(nick: string, at = shop, text = 'Hello?'): Promise<number> {
    const visitor = { external_id: `o-${(visitors += 1)}`, nick };
    const { body } = await bridge.call<{ chat: { id: number } }>(at.key, 'POST', '/api/v1/chats', {
      desk: 'main',
      visitor,
    });
    const { id } = body.chat;
    await bridge.call(at.key, 'POST', `/api/v1/chats/${id}/messages`, { text, message_id: 'm1' });
    return id;
  }

  const answer = (id: number) =>
    bridge.call(shop.key, 'POST', `/api/v1/chats/${id}/messages`, {
      ...{ sender: 'operator', operator_id: anna.id, text: 'Here I am', message_id: 'a1' },
    });

  async function listen(key: string): Promise<Stream> {
    const opened = await streamOf(`${bridge.origin}/api/v1/overview`, key);
    const stream: Stream = {
      status: opened.status,
      retryAfter: opened.headers.get('retry-after'),
      overviews: () =>
        opened
          .text()
          .split('\n\n')
          .slice(0, -1)
          .flatMap((event) => /^event: overview\ndata: (.*)$/s.exec(event)?.[1] ?? [])
          .map((data) => JSON.parse(data) as Overview),
      ended: () => opened.ended(),
      hangUp: () => opened.hangUp(),
    };
    streams.push(stream);
    return stream;
  }

  it('counts chats and operators by department, with who has waited longest in front', async () => {
    await run(bridge.pool, 'UPDATE operators SET paused = 1');
    const first = await begin('Ada');
    const second = await begin('Bob');
    await run(bridge.pool, 'UPDATE chats SET waiting_since = NOW(3) - INTERVAL 90 SECOND WHERE id = ?', [second]);
    const before = await overview();
    expect(before.departments).to.have.length(1);
    expect(before.departments[0]).to.include({ name: 'general', open: true, waiting: 2, offered: 0, active: 0 });
    expect(before.departments[0]?.longest_wait).to.be.within(90, 120);
    expect(before.departments[0]?.operators).to.deep.equal({ online: 1, available: 0, paused: 1 });
    expect(before.chats.map(({ id }) => id)).to.deep.equal([second, first]);
    await run(bridge.pool, 'UPDATE operators SET paused = 0');
    const third = await begin('Cleo');
    await answer(second);
    const after = await overview();
    expect(after.departments[0]).to.include({ waiting: 1, offered: 1, active: 1 });
    expect(after.departments[0]?.operators).to.deep.equal({ online: 1, available: 1, paused: 0 });
    expect(after.chats.map(({ id, state }) => [id, state])).to.deep.equal([
      [first, 'waiting'],
      [third, 'offered'],
      [second, 'active'],
    ]);
    expect(after.chats[1]).to.include({ asked: 1, asked_operator: anna.id, operator: null });
    expect(after.chats[2]).to.include({ operator: anna.id, waiting_since: null, last_number: 2 });
    expect(after.operators).to.have.length(1);
    expect(after.operators[0]).to.deep.include({
      ...{ id: anna.id, name: 'Anna', show: 'available', open_chats: 1, departments: [shop.department] },
    });
  });

  it('lists a chat before its visitor has written, and doesn’t count it', async () => {
    const visitor = { external_id: 'silent', nick: 'Quiet' };
    await bridge.call(shop.key, 'POST', '/api/v1/chats', { desk: 'main', visitor });
    const { chats, departments } = await overview();
    expect(chats).to.have.length(1);
    expect(chats[0]).to.include({ state: 'waiting', waiting_since: null });
    expect(departments[0]).to.include({ waiting: 0, waiting_since: null, longest_wait: null });
  });

  it('says why a department takes no chats', async () => {
    const why = async () => {
      const [department] = (await overview()).departments;
      expect(department?.open).to.equal(department?.closed_because === null);
      return department?.closed_because;
    };
    expect(await why()).to.equal(null);
    await run(bridge.pool, "UPDATE departments SET opening = 'closed'");
    expect(await why()).to.equal('queue_closed');
    await run(bridge.pool, "UPDATE departments SET opening = 'auto', when_empty = 'offline'");
    expect(await why()).to.equal(null);
    await run(bridge.pool, "UPDATE operator_presence SET show_state = 'dnd'");
    expect(await why()).to.equal('nobody_there');
    await run(bridge.pool, 'UPDATE departments SET max_waiting = 0');
    expect(await why()).to.equal('queue_full');
    await bridge.call(shop.key, 'PUT', `/api/v1/departments/${shop.department}/hours`, { time_zone: 'UTC', week: {} });
    expect(await why()).to.equal('out_of_hours');
  });

  it('is of the key’s own instance, for keys with the scope chats', async () => {
    await begin('Mine');
    await begin('Theirs', other, 'Not for you');
    expect((await overview()).chats.map(({ visitor }) => visitor.nick)).to.deep.equal(['Mine']);
    const theirs = await overview(other.key);
    expect(theirs.chats.map(({ visitor }) => visitor.nick)).to.deep.equal(['Theirs']);
    expect(theirs.operators).to.deep.equal([]);
    expect(theirs.departments.map(({ id }) => id)).to.deep.equal([other.department]);
    const poor = await bridge.key(shop.id, ['operators', 'desks', 'visitors', 'outbox']);
    for (const accept of ['application/json', 'text/event-stream'])
      expect((await bridge.call(poor, 'GET', '/api/v1/overview', undefined, { accept })).status).to.equal(403);
    expect((await bridge.call(null, 'GET', '/api/v1/overview')).status).to.equal(401);
  });

  it('lists 500 chats and 500 operators at most, and says that there are more', async () => {
    const id = await begin('Template');
    const columns =
      'instance_id, visitor_id, account_id, department_id, state, initiator, created_at, queued_at, waiting_since';
    const many = Array.from({ length: 500 }, (_, i) => `SELECT ${i} AS i`).join(' UNION ALL ');
    await run(
      bridge.pool,
      `INSERT INTO chats (number, ${columns}) SELECT 1000 + many.i, ${columns} FROM chats JOIN (${many}) many WHERE chats.id = ?`,
      [id],
    );
    await run(bridge.pool, 'UPDATE chats SET waiting_since = NOW(3) - INTERVAL 1 HOUR WHERE number = 1150');
    const { chats, more, departments, more_operators } = await overview();
    expect(chats).to.have.length(500);
    expect(more).to.equal(true);
    expect(more_operators).to.equal(false);
    expect((departments[0]?.waiting ?? 0) + (departments[0]?.offered ?? 0)).to.equal(501);
    const [longest] = await bridge.query('SELECT id FROM chats WHERE number = 1150');
    expect(chats[0]?.id).to.equal(longest?.['id']);
  });

  it('comes as a stream: at once, and again when something has changed, not otherwise', async () => {
    const stream = await listen(shop.key);
    const foreign = await listen(other.key);
    await until(() => stream.overviews().length === 1 && foreign.overviews().length === 1, 'the first overviews');
    const id = await begin('Dora');
    await until(
      () =>
        stream
          .overviews()
          .at(-1)
          ?.chats.some((chat) => chat.id === id),
      'the new chat',
    );
    await answer(id);
    await until(() => stream.overviews().at(-1)?.chats[0]?.operator === anna.id, 'the chat taken');
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${id}/close`, {});
    await until(() => stream.overviews().at(-1)?.chats.length === 0, 'the end of the chat');
    const told = stream.overviews();
    const published = await PublishedApi.of(bridge.origin);
    for (const one of told) published.checkEvent('GET', '/api/v1/overview', one);
    for (const [i, { at, ...rest }] of told.entries()) {
      expect(at).to.be.a('string');
      const { at: _, ...before } = told[i - 1] ?? { at: '' };
      expect(rest, 'a change').to.not.deep.equal(before);
    }
    expect(foreign.overviews(), 'of another instance').to.have.length(1);
    const second = await listen(shop.key);
    await until(() => second.overviews().length === 1, 'one that comes later');
    expect(second.overviews()[0]?.chats).to.deep.equal([]);
  });

  it('ends when the key is revoked, and leaves those of other keys alone', async () => {
    const key = await bridge.key(shop.id, ['chats']);
    const [mine, theirs] = [await listen(key), await listen(shop.key)];
    await until(() => mine.overviews().length === 1 && theirs.overviews().length === 1, 'the first overviews');
    await run(bridge.pool, "UPDATE api_keys SET revoked_at = NOW(3) WHERE instance_id = ? AND scopes = 'chats'", [
      shop.id,
    ]);
    await until(() => mine.ended(), 'the end of the stream');
    await begin('Secret');
    await until(() => theirs.overviews().at(-1)?.chats.length === 1, 'the other stream');
    expect(mine.overviews().flatMap(({ chats }) => chats)).to.deep.equal([]);
    expect(theirs.ended()).to.equal(false);
  });

  it('ends when the instance is suspended', async () => {
    const [mine, theirs] = [await listen(shop.key), await listen(other.key)];
    await until(() => mine.overviews().length === 1 && theirs.overviews().length === 1, 'the first overviews');
    const set = (state: string) => run(bridge.pool, 'UPDATE instances SET state = ? WHERE id = ?', [state, other.id]);
    await set('suspended');
    await until(() => theirs.ended(), 'the end of the stream');
    await set('active');
    expect(mine.ended()).to.equal(false);
  });

  it('is told to so many at a time, and to others when one of them is gone', async () => {
    for (let i = 0; i < STREAMS_AT_MOST; i += 1) expect((await listen(other.key)).status).to.equal(200);
    const refused = await listen(other.key);
    expect(refused.status).to.equal(429);
    expect(Number(refused.retryAfter)).to.be.greaterThan(0);
    expect((await listen(shop.key)).status, 'another instance').to.equal(200);
    await streams[0]?.hangUp();
    await until(async () => (await listen(other.key)).status === 200, 'room for another', 15, 100);
  });
});
