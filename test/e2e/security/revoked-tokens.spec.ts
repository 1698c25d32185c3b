import { expect } from 'chai';
import { startBridge, type Bridge } from '../../../bridge/compose.js';
import { createApiKey, newApiKey } from '../../../bridge/domain/instances/create-api-key.js';
import { createLog } from '../../../bridge/observe/log.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { hashSecret } from '../../../bridge/storage/credentials.js';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { environmentOf, foyer as cli } from '../../support/cli.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { openStream } from '../../support/page-stream.js';
import { Page } from '../../support/page.js';
import { until } from '../../support/until.js';

describe('a visitor’s token that is revoked', () => {
  let foyer: TestFoyer;
  let second: Bridge;
  let api: Helpdesk;

  before(async () => {
    foyer = await TestFoyer.start();
    const { settings } = foyer;
    second = await startBridge(
      { ...settings, http: { ...settings.http, port: await freePort() } },
      { log: createLog('silent') },
    );
    api = await helpdesk(foyer);
  });

  after(async () => {
    await second.close();
    await foyer.stop();
  });

  const secondBase = () => `http://127.0.0.1:${second.port}`;
  const revoke = (id: number) => api('DELETE', `/visitors/by-id/${id}/token`);

  /** The same visitor's page at each of the two bridges, with a chat. */
  async function twice(): Promise<{ here: Page; there: Page; chatId: number }> {
    const here = foyer.page();
    await here.visit();
    const { id: chatId } = await here.startChat('Hello');
    const there = new Page(secondBase());
    there.token = here.token;
    there.visitorId = here.visitorId;
    return { here, there, chatId };
  }

  it('lets no further request in, at any process, however often it was used just before', async () => {
    for (let i = 0; i < 10; i += 1) {
      const { here, there, chatId } = await twice();
      const calls = () => [here, there].map((page) => page.say(chatId, 'Let me in'));
      expect((await Promise.all(calls())).map(({ status }) => status)).to.deep.equal([202, 202]);
      expect((await revoke(here.visitorId)).status).to.equal(204);
      for (const { status, body } of await Promise.all(calls())) {
        expect(status).to.equal(401);
        expect(body).to.deep.include({ code: 'token_invalid' });
      }
      expect(await foyer.select('SELECT number FROM messages WHERE chat_id = ?', [chatId])).to.have.length(3);
    }
  });

  it('ends the streams and polls that are open with it, at any process, and tells them nothing more', async () => {
    const { here, there, chatId } = await twice();
    const other = foyer.page();
    await other.visit();
    const kept = await openStream(foyer.base, other.token);
    const streams = [await openStream(foyer.base, here.token), await openStream(secondBase(), here.token)];
    const { cursor } = await here.chat(chatId);
    const polls = [here, there].map((page) => page.call('GET', `/events?cursor=${cursor}&wait=25`));
    await until(() => second.core.wake.pagesOpen === 2 && foyer.bridge.core.wake.pagesOpen === 3, 'all listen');
    await revoke(here.visitorId);
    await until(() => streams.every((stream) => stream.ended()), 'the end of both streams', 5);
    await until(() => second.core.wake.pagesOpen === 0 && foyer.bridge.core.wake.pagesOpen === 1, 'no more polls', 5);
    for (const { status, body } of await Promise.all(polls)) {
      expect(status).to.equal(401);
      expect(body).to.deep.include({ code: 'token_invalid' });
    }
    await api('POST', `/chats/${chatId}/messages`, { sender: 'operator', text: 'A secret', message_id: 'later' });
    expect(streams.map((stream) => stream.text()).join()).to.not.include('A secret');
    expect(kept.ended()).to.equal(false);
    await kept.hangUp();
  });

  it('is worthless too when a person at the command line has said so', async () => {
    const { here, chatId } = await twice();
    const streams = [await openStream(foyer.base, here.token), await openStream(secondBase(), here.token)];
    const env = environmentOf(foyer.settings);
    const elsewhere = await cli(['visitor', 'revoke', String(here.visitorId), '--instance', 'nowhere'], { env });
    expect(elsewhere.code).to.be.greaterThan(0);
    const { code, out } = await cli(['visitor', 'revoke', String(here.visitorId)], { env });
    expect([code, out]).to.deep.equal([0, `The token of visitor ${here.visitorId} is revoked.\n`]);
    expect((await here.say(chatId, 'Let me in')).status).to.equal(401);
    await until(() => streams.every((stream) => stream.ended()), 'the end of both streams', 5);
    const unknown = await cli(['visitor', 'revoke', '999999'], { env });
    expect(unknown.code).to.be.greaterThan(0);
    expect(unknown.err).to.include('no such visitor');
  });

  it('is followed by another visitor, who has nothing of what was there', async () => {
    const { here, chatId } = await twice();
    await revoke(here.visitorId);
    const before = here.visitorId;
    here.token = undefined;
    expect((await here.visit()).chat).to.equal(null);
    expect(here.visitorId).to.not.equal(before);
    expect((await here.call('GET', `/chats/${chatId}`)).status).to.equal(404);
  });

  it('may be revoked again, by nobody of another instance, and each time is written down', async () => {
    const { here } = await twice();
    const { transactions, pool } = foyer.bridge.core;
    const { insertId: shop } = await run(
      pool,
      "INSERT INTO instances (name, display_name, host, created_at) VALUES ('shop', 'Shop', ?, NOW(3))",
      [foyer.settings.ejabberd.host],
    );
    const key = newApiKey(randomIds);
    await transactions.alone((tx) =>
      createApiKey(tx, hashSecret, key, { instanceId: shop, name: 'shop', scopes: ['visitors'], expiresAt: null }),
    );
    const stranger = await fetch(`${foyer.base}/api/v1/visitors/by-id/${here.visitorId}/token`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${key}` },
    });
    expect(stranger.status).to.equal(404);
    expect((await here.call('POST', '/visits', { desk: 'main' })).status).to.equal(200);
    for (let i = 0; i < 2; i += 1) expect((await revoke(here.visitorId)).status).to.equal(204);
    const audit = await foyer.select("SELECT actor FROM audit WHERE action = 'visitor.revoke' AND subject = ?", [
      `visitor:${here.visitorId}`,
    ]);
    expect(audit).to.have.length(2);
  });
});
