import { expect } from 'chai';
import { createApiKey, newApiKey } from '../../../bridge/domain/instances/create-api-key.js';
import { SCOPES, type Scope } from '../../../bridge/domain/reads.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { hashSecret } from '../../../bridge/storage/credentials.js';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';

type Security = Record<string, string[]>[];
interface Operation {
  method: string;
  /** With `{…}` for parameters. */
  path: string;
  operationId: string;
  security: Security;
}

/** What a call needs to get as far as the thing that it names. */
const BODIES: Record<string, unknown> = {
  sendMessage: { client_message_id: 'stolen', text: 'not mine' },
  setTyping: { typing: true },
  setSeen: { number: 1 },
  sendHelpdeskMessage: { text: 'not mine', sender: 'visitor', message_id: 'stolen' },
  setHelpdeskTyping: { typing: true },
  setHelpdeskSeen: { number: 1 },
  changeOperator: { name: 'Mallory' },
  setOperatorPassword: { password: 'Mallory-knows-it-now' },
  changeDesk: { name: 'Mallory' },
  setDepartmentHours: { time_zone: 'UTC', week: {} },
  setRoutingRules: { rules: [] },
  explainRouting: { desk: 'main' },
  leaveMessage: { desk: 'main', name: 'Mallory', email: 'mallory@example.org', text: 'Mine', client_message_id: 'm-1' },
  followRedirect: { number: 1 },
  redirectChat: { url: 'https://evil.example/', author: 'Mallory' },
  rateChat: { score: 1 },
  mailChat: { email: 'mallory@example.org', client_message_id: 'm-2' },
  settleOfflineMessage: { done: true },
  mailTranscript: { email: 'mallory@example.org' },
  greetVisitor: { desk: 'main', name: 'prices' },
  transferChat: { operator: 1 },
  declineChat: { operator: 1 },
  takeOverChat: { operator: 1 },
  whisper: { operator: 1, text: 'not mine' },
  runOperatorCommand: { line: '!pause' },
  banChatVisitor: { seconds: 60 },
  assignChat: { holder: 'Mallory' },
  changeChatVisitor: { nick: 'Mallory' },
  editMessage: { text: 'not mine' },
  setHelpdeskDelivered: { number: 1 },
  putWebPresence: { online: true },
  changeDepartment: { name: 'Mallory' },
  setRoomPool: { size: 1 },
  createGroup: { external_id: 'stolen', title: 'Mallory' },
  renameGroup: { title: 'Mallory' },
  setGroupMembers: { members: [] },
  kickFromRoom: { nick: 'Anna' },
  banFromRoom: { operator_id: 1 },
  sendToGroup: { text: 'not mine', message_id: 'stolen' },
  setTags: { tags: ['stolen'] },
  changeCannedReply: { text: 'Mallory was here' },
  addNote: { text: 'not mine', author: 'Mallory' },
};

/** Walks every route of the published document, as somebody who has no business there. */
describe('every route refuses', () => {
  let foyer: TestFoyer;
  let operations: Operation[];
  let vera: Page;
  let chatId: number;
  let operatorId: number;

  before(async () => {
    foyer = await TestFoyer.start();
    await foyer.addOperator('anna', 'Anna');
    vera = foyer.page();
    await vera.visit({ nick: 'Vera' });
    ({ id: chatId } = await vera.startChat('My secret'));
    operatorId = Number((await foyer.select('SELECT id FROM operators'))[0]?.['id']);
    await nothingOnItsWay();
    const document = (await (await fetch(`${foyer.base}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId?: string; security: Security }>>;
    };
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId = '', security }]) => ({
        ...{ method: method.toUpperCase(), path, operationId, security },
      })),
    );
  });

  after(() => foyer.stop());

  const nothingOnItsWay = () =>
    until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'what was set off is done');
  const needing = (scheme: string) =>
    operations.filter(({ security }) => security.length > 0 && security.every((one) => scheme in one));

  async function makeKey(instanceId: number, scopes: readonly Scope[], expiresAt: Date | null = null): Promise<string> {
    const key = newApiKey(randomIds);
    await foyer.bridge.core.transactions.alone((tx) =>
      createApiKey(tx, hashSecret, key, { instanceId, name: 'test', scopes, expiresAt }),
    );
    return key;
  }

  /** Calls the operation about things of the instance main. */
  async function call({ method, path, operationId }: Operation, token: string | null): Promise<number> {
    const ids: Record<string, string> = { external_id: 'nobody', key: 'main' };
    const id = path.includes('/operators/') ? operatorId : path.includes('/chats/') ? chatId : 1;
    const address = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? String(id));
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? JSON.stringify(BODIES[operationId] ?? {}) : undefined;
    const response = await fetch(`${foyer.base}${address}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    await response.body?.cancel();
    return response.status;
  }

  async function eachRefuses(
    list: readonly Operation[],
    token: string | null,
    expected: readonly number[],
  ): Promise<void> {
    expect(list.length, 'routes').to.be.greaterThan(5);
    for (const operation of list)
      expect(await call(operation, token), `${operation.method} ${operation.path}`).to.be.oneOf(expected);
  }

  /** Everything that a stranger could have changed. */
  const state = () =>
    Promise.all(
      ['chats', 'messages', 'operators', 'desks', 'departments', 'visitors', 'instances', 'outbox'].map((table) =>
        foyer.select(`SELECT * FROM ${table}`),
      ),
    );

  it('whoever has no credential, and one that nobody has', async () => {
    const before = await state();
    for (const scheme of ['apiKey', 'visitorToken']) {
      await eachRefuses(needing(scheme), null, [401]);
      await eachRefuses(needing(scheme), 'foyer_nobody-has-this-one', [401]);
    }
    expect(await state()).to.deep.equal(before);
  });

  it('a page’s token at the helpdesk’s doors, and a helpdesk’s key at the page’s', async () => {
    await eachRefuses(needing('apiKey'), vera.token ?? '', [401]);
    await eachRefuses(needing('visitorToken'), await makeKey(1, SCOPES), [401]);
  });

  it('a key that has expired, or was revoked', async () => {
    await eachRefuses(needing('apiKey'), await makeKey(1, SCOPES, new Date(Date.now() - 1_000)), [401]);
    const key = await makeKey(1, SCOPES);
    await run(foyer.bridge.core.pool, 'UPDATE api_keys SET revoked_at = NOW(3) WHERE key_hash = ?', [hashSecret(key)]);
    await eachRefuses(needing('apiKey'), key, [401]);
  });

  it('a key without the scope', async () => {
    const before = await state();
    await eachRefuses(needing('apiKey'), await makeKey(1, []), [403]);
    expect(await state()).to.deep.equal(before);
  });

  it('a token that has expired', async () => {
    const gone = foyer.page();
    await gone.visit();
    await run(
      foyer.bridge.core.pool,
      'UPDATE visitors SET token_expires_at = NOW(3) - INTERVAL 1 SECOND WHERE id = ?',
      [gone.visitorId],
    );
    await eachRefuses(needing('visitorToken'), gone.token ?? '', [401]);
  });

  it('a token that was revoked', async () => {
    const gone = foyer.page();
    await gone.visit();
    const revoked = await fetch(`${foyer.base}/api/v1/visitors/by-id/${gone.visitorId}/token`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${await makeKey(1, SCOPES)}` },
    });
    expect(revoked.status).to.equal(204);
    await nothingOnItsWay();
    const before = await state();
    await eachRefuses(needing('visitorToken'), gone.token ?? '', [401]);
    // Where a token may be left out, a wrong one may not.
    const optional = operations.filter(({ security }) => security.some((one) => 'visitorToken' in one));
    expect(optional.length).to.be.greaterThan(needing('visitorToken').length);
    await eachRefuses(optional, gone.token ?? '', [401]);
    expect(await state()).to.deep.equal(before);
  });

  it('a visitor of another instance what belongs to this one', async () => {
    const { pool } = foyer.bridge.core;
    const { insertId: other } = await run(
      pool,
      "INSERT INTO instances (name, display_name, host, created_at) VALUES ('other', 'Other', ?, NOW(3))",
      [foyer.settings.ejabberd.host],
    );
    await run(
      pool,
      `INSERT INTO desks (instance_id, desk_key, name, department_id, allowed_origins, texts, created_at)
       VALUES (?, 'other', 'Other', 1, '["*"]', '{}', NOW(3))`,
      [other],
    );
    const stranger = foyer.page();
    await stranger.visit({ desk: 'other', instance: 'other' });
    const before = await foyer.select('SELECT * FROM messages');
    for (const operation of needing('visitorToken').filter(({ path }) => path.includes('{id}')))
      expect(await call(operation, stranger.token ?? ''), operation.path).to.equal(404);
    // The desk `main` is one of the instance `main`, which the token has no business in, whatever the page says.
    for (const [path, body] of [
      ['/chats', { desk: 'main', text: 'Hello' }],
      ['/visits', { desk: 'main', instance: 'main' }],
    ] as const)
      expect((await stranger.call('POST', path, body)).status, path).to.equal(404);
    expect(await foyer.select('SELECT * FROM messages')).to.deep.equal(before);
  });

  it('another visitor what belongs to this one', async () => {
    const mallory = foyer.page();
    await mallory.visit();
    const before = await foyer.select('SELECT * FROM messages');
    const chats = needing('visitorToken').filter(({ path }) => path.includes('{id}'));
    expect(chats.length).to.be.at.least(4);
    for (const operation of chats) expect(await call(operation, mallory.token ?? ''), operation.path).to.equal(404);
    expect(await foyer.select('SELECT * FROM messages')).to.deep.equal(before);
    expect((await vera.chat(chatId)).state).to.equal('waiting');
  });

  it('a key of another instance what belongs to this one', async () => {
    const { pool } = foyer.bridge.core;
    const { insertId: shop } = await run(
      pool,
      "INSERT INTO instances (name, display_name, host, created_at) VALUES ('shop', 'Shop', ?, NOW(3))",
      [foyer.settings.ejabberd.host],
    );
    const key = await makeKey(shop, SCOPES);
    const before = await state();
    const things = needing('apiKey').filter(({ path }) => path.includes('{id}'));
    expect(things.length).to.be.at.least(12);
    for (const operation of things)
      expect(await call(operation, key), `${operation.method} ${operation.path}`).to.equal(404);
    for (const { path } of needing('apiKey').filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
      const answer = await fetch(`${foyer.base}${path}`, { headers: { authorization: `Bearer ${key}` } });
      expect(await answer.text(), path).to.not.match(/My secret|Vera|Anna|anna@/);
    }
    expect(await state()).to.deep.equal(before);
  });
});
