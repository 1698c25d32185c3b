import { expect } from 'chai';
import { identityOf } from '../../support/identity.js';
import { run } from '../../../bridge/storage/pool.js';
import { streamOf } from '../../support/page-stream.js';
import { until } from '../../support/until.js';
import { OWN_ORIGIN, startBridge, type TestBridge } from './bridge.js';

type Body = Record<string, unknown>;

/** A browser that is signed in. */
interface Session {
  cookie: string;
  proof: string;
  departments: { id: number; level: string }[];
}

interface Chat {
  id: number;
  department: number;
}

describe('supervisors who are signed in', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let sales: number;
  let secret: number;
  let paula: number;
  let anna: number;
  let chats: Record<'general' | 'sales' | 'secret', Chat>;
  let visitors = 0;

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    const department = async (name: string) =>
      (
        await run(bridge.pool, 'INSERT INTO departments (instance_id, name, created_at) VALUES (?, ?, NOW(3))', [
          ...[shop.id, name],
        ])
      ).insertId;
    sales = await department('sales');
    secret = await department('secret');
    paula = (await bridge.operator(shop, 'paula', 'offline')).id;
    anna = (await bridge.operator(shop, 'anna', 'offline')).id;
    await run(
      bridge.pool,
      "INSERT INTO desks (instance_id, desk_key, name, department_id, allowed_origins, texts, created_at) VALUES (?, 'hidden', 'Hidden', ?, '[]', '{}', NOW(3))",
      [shop.id, secret],
    );
  });

  beforeEach(async () => {
    await levels({ [shop.department]: 'manage', [sales]: 'monitor' });
    chats = { general: await begin(shop.department), sales: await begin(sales), secret: await begin(secret) };
  });

  afterEach(async () => {
    await run(bridge.pool, "UPDATE chats SET state = 'closed'");
    await run(bridge.pool, 'UPDATE operators SET disabled_at = NULL, manager = 0');
    await run(bridge.pool, "UPDATE instances SET state = 'active'");
  });

  after(() => bridge.stop());

  /** Paula's, from now on. */
  async function levels(of: Record<number, string>): Promise<void> {
    const departments = Object.entries(of).map(([id, access]) => ({ id: Number(id), access }));
    const changed = await bridge.call(shop.key, 'PATCH', `/api/v1/operators/${paula}`, { departments });
    expect(changed.status).to.equal(200);
  }

  async function begin(department: number): Promise<Chat> {
    const visitor = { external_id: `s-${(visitors += 1)}`, nick: `Visitor ${visitors}` };
    const { body } = await bridge.call<{ chat: { id: number } }>(shop.key, 'POST', '/api/v1/chats', {
      ...{ desk: 'main', visitor },
    });
    const { id } = body.chat;
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${id}/messages`, { text: 'A tandem?', message_id: 'm1' });
    await run(bridge.pool, 'UPDATE chats SET department_id = ? WHERE id = ?', [department, id]);
    return { id, department };
  }

  async function room(title: string, department: number, nicks: readonly string[]): Promise<void> {
    const { insertId: id } = await run(
      bridge.pool,
      `INSERT INTO rooms (instance_id, account_id, department_id, purpose, name, service, password_box, title, max_occupants, state, state_since, created_at)
       VALUES (?, 1, ?, 'pool', ?, 'conference.foyer.localhost', '', ?, 10, 'chatting', NOW(3), NOW(3))`,
      [shop.id, department, `room-${department}`, title],
    );
    for (const nick of nicks)
      await run(
        bridge.pool,
        "INSERT INTO room_occupants (room_id, jid_hash, jid, nick, role, present, reported_at) VALUES (?, UNHEX(MD5(?)), ?, ?, 'participant', 1, NOW(3))",
        [id, nick, `${nick.toLowerCase()}@foyer.localhost/x`, nick],
      );
  }

  async function link(operator = paula): Promise<string> {
    const made = await bridge.call<{ url: string }>(shop.key, 'POST', `/api/v1/operators/${operator}/sign-in-link`, {
      page: 'supervisor',
    });
    expect(made.status, JSON.stringify(made.body)).to.equal(201);
    expect(made.body.url).to.match(/^https:\/\/chat\.example\.org\/supervisor#[\w-]{43}$/);
    return new URL(made.body.url).hash.slice(1);
  }

  const enter = (token: string, origin = OWN_ORIGIN) =>
    bridge.call<Omit<Session, 'cookie'>>(null, 'POST', '/supervisor/v1/session', { token }, { origin });

  async function signIn(operator = paula): Promise<Session> {
    const entered = await enter(await link(operator));
    expect(entered.status, JSON.stringify(entered.body)).to.equal(200);
    const set = entered.headers.get('set-cookie') ?? '';
    expect(set).to.match(/^foyer_supervisor=[\w-]{43}; Path=\/supervisor; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    return { ...entered.body, cookie: set.split(';', 1)[0] ?? '' };
  }

  const call = <T = Body>(
    { cookie, proof }: Session,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
    bridge.call<T>(null, method, `/supervisor/v1${path}`, body, {
      ...{ cookie, origin: OWN_ORIGIN, 'x-foyer-proof': proof },
      ...headers,
    });

  const get = <T = Body>(session: Session, path: string) => call<T>(session, 'GET', path);

  const stateOf = async ({ id }: Chat) =>
    (await bridge.query('SELECT chats.state FROM chats WHERE chats.id = ?', [id]))[0]?.['state'] as string;

  const audited = async (action: string) =>
    (
      await bridge.query('SELECT audit.actor, audit.subject FROM audit WHERE audit.action = ? ORDER BY audit.id', [
        action,
      ])
    ).at(-1);

  it('enter by a link, once, and for operators with a level alone', async () => {
    const token = await link();
    expect((await enter(token, 'https://evil.example')).status).to.equal(403);
    expect((await enter(token, '')).status).to.equal(403);
    expect((await enter(token)).status).to.equal(200);
    expect((await enter(token)).body).to.include({ code: 'token_invalid' });
    const none = await bridge.call(shop.key, 'POST', `/api/v1/operators/${anna}/sign-in-link`, { page: 'supervisor' });
    expect([none.status, none.body['code']]).to.deep.equal([409, 'conflict']);
    const late = await link();
    await levels({ [shop.department]: 'answer' });
    expect((await enter(late)).body).to.include({ code: 'token_invalid' });
    await levels({ [shop.department]: 'manage' });
    const forAnswering = await bridge.call<{ url: string }>(
      shop.key,
      'POST',
      `/api/v1/operators/${paula}/sign-in-link`,
    );
    expect(forAnswering.body.url).to.contain('/operator#');
    expect((await enter(new URL(forAnswering.body.url).hash.slice(1))).status).to.equal(401);
  });

  it('enter by the site’s word on who they are, once, and by nothing like it', async () => {
    const { body: made } = await bridge.call<{ secret: string }>(shop.key, 'PUT', '/api/v1/instance/identity');
    const say = (claims: Record<string, unknown>, secret = made.secret) =>
      identityOf(secret, { sub: 'paula', aud: 'main#supervisors', ...claims });
    const enterBy = (identity: string) =>
      bridge.call<Session>(null, 'POST', '/supervisor/v1/session', { identity }, { origin: OWN_ORIGIN });
    for (const [why, identity] of [
      ['a visitor’s', say({ aud: 'main' })],
      ['another instance', say({ aud: 'other#supervisors' })],
      ['another secret', say({}, 'x'.repeat(43))],
      ['nobody', say({ sub: 'nobody' })],
      ['no level', say({ sub: 'anna' })],
      ['a visitor’s account', say({ sub: 'visitor.1' })],
      ['too old', say({ exp: Math.floor(Date.now() / 1000) - 3600 })],
      ['no JWT', 'a.b.c'],
    ] as const)
      expect((await enterBy(identity)).body, why).to.include({ code: 'identity_invalid' });
    const identity = say({});
    const entered = await enterBy(identity);
    expect(entered.body).to.include({ operator: paula });
    expect(entered.headers.get('set-cookie')).to.contain('foyer_supervisor=');
    expect((await enterBy(identity)).body).to.include({ code: 'identity_invalid', reason: 'used' });
    // The same signature, its last bits written in another way.
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const other = last[last.indexOf(identity.at(-1) ?? '') ^ 1] ?? '';
    expect((await enterBy(identity.slice(0, -1) + other)).body).to.include({ code: 'identity_invalid' });
    expect((await enterBy('')).status).to.equal(403);
  });

  it('see the departments that they monitor or manage, and nothing of the others', async () => {
    const session = await signIn();
    expect(session.departments).to.have.deep.members([
      { id: shop.department, level: 'manage' },
      { id: sales, level: 'monitor' },
    ]);
    expect((await get(session, '/session')).body).to.deep.include({
      operator: paula,
      name: 'Paula',
      proof: session.proof,
    });
    const ids = (found: { id: number }[]) => found.map(({ id }) => id);
    type Room = { title: string; state: string; department: number; occupants: string[] };
    type Overview = {
      rooms: Room[];
      desks: { key: string }[];
      chats: { id: number }[];
      departments: { id: number }[];
      operators: { id: number }[];
    };
    const overview = await get<Overview>(session, '/overview');
    expect(ids(overview.body.chats)).to.have.members([chats.general.id, chats.sales.id]);
    expect(ids(overview.body.departments)).to.have.members([shop.department, sales]);
    expect(ids(overview.body.operators)).to.have.members([paula, anna]);
    expect(overview.body.desks.map(({ key }) => key)).to.deep.equal(['main']);
    await room('For sales', sales, ['Anna', 'A <b>visitor</b>']);
    await room('Secret', secret, ['Bert']);
    const { body: withRooms } = await get<Overview>(session, '/overview');
    expect(
      withRooms.rooms.map(({ title, state, department, occupants }) => [title, state, department, occupants]),
    ).to.deep.equal([['For sales', 'chatting', sales, ['A <b>visitor</b>', 'Anna']]]);
    const listed = await get<{ rooms: Room[] }>(session, '/rooms');
    expect(listed.body.rooms.map(({ title }) => title)).to.deep.equal(['For sales']);
    const narrow = await get<Overview>(session, `/overview?department=${sales}`);
    expect(ids(narrow.body.chats)).to.deep.equal([chats.sales.id]);
    expect((await get(session, `/overview?department=${secret}`)).status).to.equal(404);
    for (const path of ['transcript', 'events?wait=0']) {
      expect((await get(session, `/chats/${chats.sales.id}/${path}`)).status, path).to.equal(200);
      expect((await get(session, `/chats/${chats.secret.id}/${path}`)).status, path).to.equal(404);
    }
    expect(await audited('chat.read')).to.include({ actor: `operator:${paula}`, subject: `chat:${chats.sales.id}` });
    await run(bridge.pool, "UPDATE chats SET state = 'closed', closed_at = NOW(3)");
    type Found = { transcripts: { chat: { id: number } }[] };
    const found = await get<Found>(session, '/transcripts');
    const departments = await bridge.query(
      'SELECT DISTINCT chats.department_id AS id FROM chats WHERE chats.id IN (?)',
      [found.body.transcripts.map(({ chat }) => chat.id)],
    );
    expect(departments.map((row) => row['id'])).to.have.members([shop.department, sales]);
    const { body: other } = await get<Found>(session, `/transcripts?department=${secret}`);
    expect(other.transcripts).to.deep.equal([]);
    const span = `from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`;
    const figures = await get<{ statistics: { id: number }[] }>(session, `/statistics?${span}`);
    expect(new Set(ids(figures.body.statistics))).to.deep.equal(new Set([shop.department, sales]));
    const desks = await get<{ desks: { key: string }[] }>(session, '/desks');
    expect(desks.body.desks.map(({ key }) => key)).to.deep.equal(['main']);
  });

  it('change what they manage, under their own names, and nothing that they only monitor', async () => {
    const session = await signIn();
    for (const chat of [chats.sales, chats.secret]) {
      const expected = chat === chats.sales ? 403 : 404;
      for (const [path, body] of [
        ['close', {}],
        ['transfer', { department: shop.department }],
        ['assign', { operator: anna }],
        ['decline', { operator: anna }],
        ['ban', { seconds: 60 }],
      ] as const)
        expect((await call(session, 'POST', `/chats/${chat.id}/${path}`, body)).status, path).to.equal(expected);
      expect(await stateOf(chat)).to.equal('waiting');
    }
    expect((await call(session, 'PATCH', `/departments/${sales}`, { opening: 'closed' })).status).to.equal(403);
    expect((await call(session, 'PATCH', `/departments/${secret}`, { opening: 'closed' })).status).to.equal(404);
    expect(
      (await call(session, 'POST', `/chats/${chats.general.id}/transfer`, { department: secret })).status,
    ).to.equal(404);

    const moved = await begin(shop.department);
    expect(
      (await call(session, 'POST', `/chats/${moved.id}/transfer`, { department: sales, note: 'Hers' })).status,
    ).to.equal(200);
    const [row] = await bridge.query('SELECT chats.handover, chats.department_id FROM chats WHERE chats.id = ?', [
      moved.id,
    ]);
    expect(JSON.parse(row?.['handover'] as string)).to.deep.equal({ from: 'Paula', note: 'Hers' });
    expect(row?.['department_id']).to.equal(sales);
    expect((await call(session, 'POST', `/chats/${chats.general.id}/close`, {})).status).to.equal(200);
    expect(await stateOf(chats.general)).to.equal('closed');
    expect(await audited('chat.close')).to.deep.include({
      actor: `operator:${paula}`,
      subject: `chat:${chats.general.id}`,
    });
    const opening = await call(session, 'PATCH', `/departments/${shop.department}`, { opening: 'closed' });
    expect(opening.status).to.equal(200);
    expect((await call(session, 'PATCH', `/departments/${shop.department}`, { opening: 'auto' })).status).to.equal(200);
  });

  it('give chats to operators whom they see, and to no others', async () => {
    const session = await signIn();
    const stranger = await bridge.operator({ ...shop, department: secret }, 'stranger');
    const assign = (operator: number) =>
      call(session, 'POST', `/chats/${chats.general.id}/assign`, { operator, note: 'Please' });
    expect((await assign(stranger.id)).status).to.equal(404);
    expect((await assign(anna)).status).to.equal(200);
    expect(await stateOf(chats.general)).to.equal('active');
    expect(JSON.stringify(await bridge.sent())).to.contain('Paula');
  });

  it('ban visitors of chats that they manage, see the bans, and lift them', async () => {
    const session = await signIn();
    const banned = await call<{ ban: { id: number } }>(session, 'POST', `/chats/${chats.general.id}/ban`, {
      ...{ seconds: 3600, reason: 'Rude' },
    });
    expect(banned.status, JSON.stringify(banned.body)).to.equal(201);
    expect(await stateOf(chats.general)).to.equal('closed');
    const list = await get<{ bans: { id: number; nick: string; actor: string }[] }>(session, '/bans');
    expect(list.body.bans[0]).to.deep.include({ id: banned.body.ban.id, actor: `operator:${paula}`, reason: 'Rude' });
    expect(list.body.bans[0]?.nick).to.match(/^Visitor \d+$/);
    await levels({ [shop.department]: 'monitor' });
    expect((await get(session, '/bans')).status).to.equal(403);
    expect((await call(session, 'DELETE', `/bans/${banned.body.ban.id}`)).status).to.equal(403);
    await levels({ [secret]: 'manage' });
    const atDesk = await bridge.call<{ ban: { id: number } }>(shop.key, 'POST', '/api/v1/bans', {
      ...{ external_id: 's-1', desk: 'main' },
    });
    expect((await call(session, 'DELETE', `/bans/${atDesk.body.ban.id}`)).status, 'a desk of others').to.equal(404);
    const seen = await get<{ bans: { id: number }[] }>(session, '/bans');
    expect(seen.body.bans.map(({ id }) => id)).to.deep.equal([banned.body.ban.id]);
    expect((await call(session, 'DELETE', `/bans/${banned.body.ban.id}`)).status).to.equal(204);
  });

  it('are asked for less than helpdesks, and for nothing else', async () => {
    const session = await signIn();
    for (const [method, path, body] of [
      ['PATCH', `/departments/${shop.department}`, { name: 'Mine' }],
      ['PATCH', '/desks/1', { allowed_origins: ['*'] }],
      ['POST', `/chats/${chats.general.id}/assign`, { holder: 'Somebody' }],
      ['POST', `/chats/${chats.general.id}/close`, { by: 'visitor' }],
    ] as const)
      expect((await call(session, method, path, body)).status, `${method} ${path}`).to.equal(422);
    for (const [method, path] of [
      ['GET', '/operators'],
      ['POST', `/operators/${anna}/sign-in-link`],
      ['PUT', `/operators/${anna}/password`],
      ['POST', '/bans'],
      ['GET', '/visitors'],
      ['DELETE', '/visitors/1'],
      ['POST', `/chats/${chats.general.id}/messages`],
      ['GET', '/instance/callback'],
    ] as const)
      expect(
        (await call(session, method, path, method === 'GET' ? undefined : {})).status,
        `${method} ${path}`,
      ).to.be.oneOf([404, 405]);
    expect((await bridge.call(null, 'GET', '/api/v1/overview', undefined, { cookie: session.cookie })).status).to.equal(
      401,
    );
  });

  it('change nothing for another site, or without the session’s proof', async () => {
    const session = await signIn();
    const other = await signIn();
    const close = (headers: Record<string, string>) =>
      call(session, 'POST', `/chats/${chats.general.id}/close`, {}, headers);
    expect((await close({ origin: 'https://evil.example' })).body).to.include({ code: 'origin_refused' });
    expect((await close({ origin: '' })).body).to.include({ code: 'origin_refused' });
    for (const proof of ['', 'x', other.proof])
      expect((await close({ 'x-foyer-proof': proof })).body, proof).to.include({ code: 'forbidden' });
    expect(await stateOf(chats.general)).to.equal('waiting');
    const read = await get(session, '/overview');
    expect(read.headers.get('access-control-allow-origin')).to.equal(null);
    expect((await close({})).status).to.equal(200);
  });

  it('are signed out for good: by themselves, by the end of the term, with the level, and when they are removed', async () => {
    const allowed = async (session: Session) => (await get(session, '/overview')).status === 200;
    const out = await signIn();
    const stays = await signIn();
    expect((await call(out, 'DELETE', '/session', undefined, { origin: 'https://evil.example' })).status).to.equal(403);
    expect(await allowed(out)).to.equal(true);
    const ended = await call(out, 'DELETE', '/session');
    expect([ended.status, ended.headers.get('set-cookie')]).to.deep.equal([
      204,
      'foyer_supervisor=; Path=/supervisor; Max-Age=0; HttpOnly; SameSite=Strict',
    ]);
    expect([await allowed(out), await allowed(stays)]).to.deep.equal([false, true]);
    await levels({ [shop.department]: 'answer' });
    expect(await allowed(stays)).to.equal(false);
    await levels({ [shop.department]: 'answer', [sales]: 'monitor' });
    expect(await allowed(stays)).to.equal(true);
    await run(bridge.pool, 'UPDATE operators SET disabled_at = NOW(3) WHERE id = ?', [paula]);
    expect(await allowed(stays)).to.equal(false);
    await run(bridge.pool, 'UPDATE operators SET disabled_at = NULL');
    await run(bridge.pool, "UPDATE instances SET state = 'suspended' WHERE id = ?", [shop.id]);
    expect(await allowed(stays)).to.equal(false);
    await run(bridge.pool, "UPDATE instances SET state = 'active'");
    await run(bridge.pool, "UPDATE operator_sessions SET expires_at = NOW(3) WHERE kind = 'session'");
    expect(await allowed(stays)).to.equal(false);
  });

  it('are told what changes, and no more once they see something else', async () => {
    const session = await signIn();
    const stream = await streamOf(`${bridge.origin}/supervisor/v1/overview?changes=true`, undefined, {
      cookie: session.cookie,
    });
    const events = () =>
      stream
        .text()
        .split('\n\n')
        .flatMap((event) => {
          const [, kind, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
          return data === undefined
            ? []
            : [{ kind, ...(JSON.parse(data) as { chats: { id: number }[]; chats_gone?: number[] }) }];
        });
    await until(() => events().length === 1, 'the overview');
    expect(events()[0]?.chats.map(({ id }) => id)).to.have.members([chats.general.id, chats.sales.id]);
    const unseen = await begin(secret);
    await call(session, 'POST', `/chats/${chats.general.id}/close`, {});
    await until(() => events().at(-1)?.chats_gone?.includes(chats.general.id) === true, 'the end of the chat');
    const [, ...changes] = events();
    expect(changes.every(({ kind }) => kind === 'change')).to.equal(true);
    expect(changes.flatMap(({ chats: changed }) => changed.map(({ id }) => id))).to.not.include.members([unseen.id]);
    expect(
      changes.at(-1)?.chats.map(({ id }) => id),
      'what stayed as it was',
    ).to.deep.equal([]);
    await levels({ [sales]: 'monitor' });
    await until(() => stream.ended(), 'the end of the stream');
  });
});
