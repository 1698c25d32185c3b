import { expect } from 'chai';
import { run } from '../../../bridge/storage/pool.js';
import { startReceiver, type Receiver } from '../../integration/helpdesk-api/receiver.js';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk } from '../../support/helpdesk.js';
import { until } from '../../support/until.js';
import { signed } from '../security/door.js';
import { beginTalk } from './talk.js';

describe('figures', () => {
  let foyer: TestFoyer;
  let receiver: Receiver;

  before(async () => {
    receiver = await startReceiver();
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
  });

  after(async () => {
    await foyer.stop();
    await receiver.stop();
  });

  async function figure(name: string): Promise<number | undefined> {
    const text = await (await fetch(`${foyer.base}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  }

  const becomes = (name: string, holds: (value: number | undefined) => boolean, what: string) =>
    until(async () => holds(await figure(name)), `${name}: ${what}`, 60);

  it('of the spool grow while the bridge doesn’t take events, and are nought again when it does', async () => {
    const anna = await foyer.operator('anna', 'Anna');
    const { contact } = await beginTalk(foyer, anna);
    await becomes('foyer_spool_depth', (value) => value === 0, 'empty');
    foyer.gate.behave = { answer: 503 };
    await anna.say(contact, 'waits');
    await becomes('foyer_spool_oldest_seconds', (value = 0) => value > 0, 'an event that waits');
    expect(await figure('foyer_spool_depth')).to.be.greaterThan(0);
    expect(await figure('foyer_spool_bytes')).to.be.greaterThan(0);
    expect(await figure('foyer_spool_refused')).to.equal(0);
    foyer.gate.behave = {};
    await becomes('foyer_spool_depth', (value) => value === 0, 'empty');
    expect(await figure('foyer_spool_bytes')).to.equal(0);
  });

  it('of chats count what became of them', async () => {
    const counted = async (what: string) => (await figure(`foyer_chats_total{what="${what}"}`)) ?? 0;
    const before = await Promise.all([counted('started'), counted('abandoned')]);
    const page = foyer.page();
    await page.visit();
    await page.startChat('Anybody?');
    await foyer.select('UPDATE visitors SET online_until = NOW(3) - INTERVAL 1 SECOND WHERE id = ?', [page.visitorId]);
    await becomes('foyer_chats_total{what="abandoned"}', (value = 0) => value === (before[1] ?? 0) + 1, 'one more');
    expect(await counted('started')).to.equal((before[0] ?? 0) + 1);
  });

  it('of the queue compare what visitors were told with how long it took', async () => {
    const wanda = await foyer.operator('wanda', 'Wanda');
    await foyer.select("UPDATE operators SET max_chats = 1, paused = (name <> 'Wanda')");
    const first = await beginTalk(foyer, wanda);
    await wanda.say(first.contact, 'Hi');
    await first.page.untilMessages(first.chatId, 'the answer', (list) => list.length === 2);
    await foyer.select('UPDATE chats SET accepted_at = accepted_at - INTERVAL 100 SECOND WHERE id = ?', [first.chatId]);
    await first.page.call('POST', `/chats/${first.chatId}/close`, {});
    const second = await beginTalk(foyer, wanda);
    await wanda.say(second.contact, 'Hi');
    await second.page.untilMessages(second.chatId, 'the answer', (list) => list.length === 2);
    const page = foyer.page();
    await page.visit();
    const { id } = await page.startChat('How long?');
    expect(await page.chat(id))
      .to.have.property('wait_seconds')
      .within(90, 120);
    await second.page.call('POST', `/chats/${second.chatId}/close`, {});
    await until(() => wanda.texts(foyer.contact(page)).includes('How long?'), 'the next one is asked');
    await wanda.say(foyer.contact(page), 'Not long');
    await becomes('foyer_wait_estimate_error_seconds_count{real="shorter"}', (value) => value === 1, 'one wait');
    expect(await figure('foyer_wait_estimate_error_seconds_sum{real="shorter"}')).to.be.within(1, 120);
    await foyer.select('UPDATE operators SET max_chats = 1000, paused = 0');
  });

  it('of sessions say who should be online, who is, and who was thrown out by another login', async () => {
    const page = foyer.page();
    await page.visit();
    await until(
      async () => (await figure('foyer_xmpp_sessions_wanted')) === (await figure('foyer_xmpp_sessions_online')),
    );
    expect(await figure('foyer_xmpp_sessions_sleeping')).to.equal(0);
    const local = `visitor.${page.visitorId}`;
    const [account] = await foyer.select('SELECT password_box FROM accounts WHERE local = ?', [local]);
    const password = foyer.bridge.core.box.open(account?.['password_box'] as Buffer);
    await foyer.client({ user: local, password }, { resource: 'foyer', silent: true });
    await becomes('foyer_xmpp_session_failures_total{code="conflict"}', (value = 0) => value > 0, 'a conflict');
  });

  it('of callbacks and lanes say that a helpdesk fails, and which entries were given up', async () => {
    const call = await helpdesk(foyer);
    await call('PUT', '/instance/callback', { url: receiver.url });
    receiver.answer = 500;
    const page = foyer.page();
    await page.visit();
    await page.startChat('Hello');
    await becomes('foyer_outbox_lanes_failing{target="helpdesk"}', (value) => value === 1, 'one lane');
    expect(await figure('foyer_outbox_lanes{target="helpdesk"}')).to.equal(1);
    expect(await figure('foyer_outbox_depth{target="helpdesk"}')).to.be.greaterThan(0);
    expect(await figure('foyer_callback_seconds_count{status="5xx"}')).to.be.greaterThan(0);
    expect(await figure('foyer_outbox_entries_total{target="helpdesk",result="retry"}')).to.be.greaterThan(0);
    expect(await figure('foyer_dead_letters{target="helpdesk"}')).to.equal(0);
    receiver.answer = 410;
    await becomes('foyer_dead_letters{target="helpdesk"}', (value = 0) => value > 0, 'given up');
    await becomes('foyer_outbox_lanes{target="helpdesk"}', (value) => value === 0, 'nothing waits');
    receiver.answer = 200;
  });

  it('of lanes name those that nobody serves', async () => {
    expect(await figure('foyer_outbox_lanes_stalled{target="account"}')).to.equal(0);
    const { pool } = foyer.bridge.core;
    // The home of a lane whose process is gone without being buried.
    await run(
      pool,
      "INSERT INTO lanes (name, target, instance_id, due_at, home) VALUES ('a:0', 'account', 1, NOW(3) - INTERVAL 60 SECOND, 4242)",
    );
    await run(pool, "INSERT INTO outbox (lane, entry, instance_id, created_at) VALUES ('a:0', '{}', 1, NOW(3))");
    expect(await figure('foyer_outbox_lanes_stalled{target="account"}')).to.equal(1);
    await run(pool, "DELETE FROM outbox WHERE lane = 'a:0'");
    await run(pool, "DELETE FROM lanes WHERE name = 'a:0'");
  });

  it('of jobs say how long ago each was done, and how often it should be', async () => {
    await becomes('foyer_job_done_seconds{job="time-out-visitors"}', (value) => value !== undefined, 'done once');
    expect(await figure('foyer_job_period_seconds{job="time-out-visitors"}')).to.equal(2);
    expect(await figure('foyer_job_period_seconds{job="purge"}')).to.equal(3600);
  });

  it('of events that make no sense count those that are kept', async () => {
    expect(await figure('foyer_rejected_events')).to.equal(0);
    const events = [{ id: 'bad-1', at: new Date().toISOString(), kind: 'nonsense' }];
    const body = JSON.stringify({ version: 1, host: foyer.settings.ejabberd.host, node: 'test@localhost', events });
    const headers = signed(foyer.settings.hooks.secrets[0] ?? '', body);
    const { status } = await fetch(`${foyer.base}/hooks/ejabberd`, { method: 'POST', headers, body });
    expect(status).to.equal(200);
    expect(await figure('foyer_rejected_events')).to.equal(1);
    expect(await figure('foyer_hook_events_total{status="rejected"}')).to.equal(1);
  });

  it('are left out while their source doesn’t answer', async () => {
    expect(await figure('foyer_reachable{what="database"}')).to.equal(1);
    await run(foyer.bridge.core.pool, 'RENAME TABLE rejected_events TO elsewhere');
    expect(await figure('foyer_reachable{what="database"}')).to.equal(0);
    for (const name of ['foyer_rejected_events', 'foyer_visitors_online', 'foyer_outbox_depth{target="account"}'])
      expect(await figure(name), name).to.equal(undefined);
    await run(foyer.bridge.core.pool, 'RENAME TABLE elsewhere TO rejected_events');
    expect(await figure('foyer_reachable{what="database"}')).to.equal(1);
    expect(await figure('foyer_reachable{what="ejabberd"}')).to.equal(1);
    await foyer.ejabberd.kill();
    await becomes('foyer_reachable{what="ejabberd"}', (value) => value === 0, 'gone');
    await becomes('foyer_xmpp_sessions_sleeping', (value = 0) => value > 0, 'sessions that wait');
    expect(await figure('foyer_spool_depth')).to.equal(undefined);
    await foyer.ejabberd.restart();
    await becomes('foyer_xmpp_sessions_sleeping', (value) => value === 0, 'all are back');
    expect(await figure('foyer_reachable{what="ejabberd"}')).to.equal(1);
  });
});
