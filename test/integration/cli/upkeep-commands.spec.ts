import { expect } from 'chai';
import type { Core } from '../../../bridge/compose.js';
import { rows, run } from '../../../bridge/storage/pool.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('commands that look after what runs', () => {
  let core: Core;
  let works: CliDatabase['works'];
  let refused: CliDatabase['refused'];
  let json: CliDatabase['json'];
  let close: CliDatabase['close'];

  before(async function () {
    this.timeout(60_000);
    ({ core, works, refused, json, close } = await cliDatabase());
    await works('migrate');
    for (const name of ['main', 'shop']) await works('instance', 'add', name);
    await works('department', 'add', 'Support');
    await works('operator', 'add', 'anna', '--department', 'Support');
  });
  after(() => close());

  it('list dead letters, send them again and forget them', async () => {
    const put = (id: number) =>
      run(
        core.pool,
        `INSERT INTO dead_letters (id, lane, target, instance_id, entry, attempts, reason, created_at, died_at)
         VALUES (?, 'h:1:c1', 'helpdesk', 1, '{"kind":"helpdesk.callback","type":"chat.closed","data":{},"at":"2026-11-21T00:00:00Z"}', 9, 'HTTP 500', NOW(3), NOW(3))`,
        [id],
      );
    await put(900);
    await put(901);
    expect(await json('outbox', 'dead')).to.have.nested.property('[0].reason', 'HTTP 500');
    expect(await refused('outbox', 'resend', '900', '--instance', 'shop')).to.include('no such');
    await works('outbox', 'resend', '900');
    const waiting = await json<Record<string, unknown>[]>('outbox', 'list');
    expect(waiting.find(({ lane }) => lane === 'h:1:c1')).to.include({ target: 'helpdesk', entries: 1 });
    await works('outbox', 'drop', '901');
    expect(await works('outbox', 'dead')).to.equal('No dead letters.\n');
  });

  it('list rejected events without their texts, and take them again', async () => {
    const said = { id: 'e7', kind: 'message', from: 'carl@example.org/x', to: 'foyer@example.org', body: 'staple' };
    await run(
      core.pool,
      "INSERT INTO rejected_events (id, instance_id, host, code, reason, event, received_at) VALUES ('e7', 1, 'example.org', 'internal', 'why', ?, NOW(3))",
      [JSON.stringify({ ...said, at: '2026-11-21T00:00:00.000Z' })],
    );
    expect(await json('events')).to.have.deep.nested.property('[0].from', said.from);
    expect(await works('events'))
      .to.match(/e7 +message .* why/)
      .and.not.include('staple');
    expect(await refused('events', '--resend', 'e8')).to.include('no such event');
    await works('events', '--resend', 'e7');
    expect(await works('events')).to.equal('No events were rejected.\n');
  });

  it('list the accounts that would expire, then let them go', async () => {
    const add = (local: string, kind: string, days: number) =>
      run(
        core.pool,
        `INSERT INTO accounts (instance_id, kind, local, host, name, roster_group, password_box, state, last_used_at, created_at)
         VALUES (1, ?, ?, 'example.org', 'x', 'visitors', '', 'ready', NOW(3) - INTERVAL ? DAY, NOW(3))`,
        [kind, local, days],
      );
    await add('visitor.1', 'visitor', 30);
    await add('visitor.2', 'visitor', 1);
    await add('carl', 'operator', 300);
    const listed = await json<{ jid: string }[]>('accounts', 'expire', '--dry-run');
    expect(listed.map(({ jid }) => jid)).to.deep.equal(['visitor.1@example.org']);
    expect(await json<{ jid: string }[]>('accounts', 'expire', '--dry-run', '--days', '0.5')).to.have.lengthOf(2);
    expect(await works('accounts', 'expire')).to.match(/^1 accounts/);
    const states = await rows(
      core.pool,
      "SELECT state FROM accounts WHERE local IN ('visitor.1', 'visitor.2', 'carl') ORDER BY local",
    );
    expect(states.map(({ state }) => state as string)).to.deep.equal(['ready', 'removing', 'ready']);
  });

  it('show the state of everything', async () => {
    await run(
      core.pool,
      "INSERT INTO processes (name, started_at, expires_at) VALUES ('box:8080', NOW(3), NOW(3) + INTERVAL 9 SECOND)",
    );
    const shown = await works('status');
    expect(shown)
      .to.match(/Visitors online 0, operators online 0, open chats 0\.\nWaiting for account: \d+/)
      .and.include('box:8080');
    expect(await json('status')).to.have.nested.property('processes[0].alive', true);
  });

  it('write down what was sent and taken again, without its words', async () => {
    const lines = await rows(core.pool, 'SELECT actor, action, details FROM audit ORDER BY id');
    const actions = lines.map(({ action }) => action as string);
    expect(actions).to.include.members(['outbox.resend', 'events.resend']);
    expect(JSON.stringify(lines)).to.not.include('staple');
  });
});
