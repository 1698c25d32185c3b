import { expect } from 'chai';
import { run, rows } from '../../../bridge/storage/pool.js';
import { createLeaseStore } from '../../../bridge/storage/lease-store.js';
import { createProcessStore } from '../../../bridge/storage/process-store.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('the jobs by hand', () => {
  let db: CliDatabase;

  before(async function () {
    this.timeout(60_000);
    db = await cliDatabase();
    await db.works('migrate');
    await db.works('instance', 'add', 'main');
  });
  after(() => db.close());

  const put = async (sql: string, ...values: unknown[]) => (await run(db.core.pool, sql, values)).insertId;
  const preview = (job: string) => db.json<Record<string, unknown>[]>('jobs', 'run', job, '--dry-run');
  const visitor = (online: number) =>
    put(
      `INSERT INTO visitors (instance_id, online, online_until, created_at) VALUES (1, ?, NOW(3) - INTERVAL 1 MINUTE, NOW(3))`,
      online,
    );
  const account = (kind: string, local: string) =>
    put(
      `INSERT INTO accounts (instance_id, kind, local, host, name, roster_group, password_box, state, last_used_at, created_at)
       VALUES (1, ?, ?, 'example.org', 'x', 'visitors', '', 'ready', NOW(3) - INTERVAL 30 DAY, NOW(3))`,
      ...[kind, local],
    );

  it('are listed with their period, when they were last done and where they run', async () => {
    const processes = createProcessStore(db.core.pool);
    const leases = createLeaseStore(db.core.pool);
    const id = await processes.register('box:8080', 60, false);
    await leases.take('purge', id, 600, 0);
    await leases.done('purge', id);
    await leases.take('expire-accounts', id, 600, 0);
    const listed = await db.json<Record<string, unknown>[]>('jobs');
    const found = (job: string) => listed.find((one) => one['job'] === job);
    expect(found('time-out-visitors')).to.include({ every_seconds: 2, last_done: null, running_at: null });
    expect(Date.parse(found('purge')?.['last_done'] as string)).to.be.closeTo(Date.now(), 60_000);
    expect(found('expire-accounts')).to.include({ every_seconds: 300, running_at: 'box:8080' });
    expect(await db.works('jobs')).to.match(/^job +every seconds +last done +running at +does\n/);
    await processes.release(id);
  });

  it('name the visitors that would be taken offline, and take them', async () => {
    const gone = await visitor(1);
    await visitor(0);
    expect(await preview('time-out-visitors')).to.deep.equal([{ visitor: gone }]);
    expect(await preview('time-out-visitors'), 'nothing was changed').to.have.lengthOf(1);
    expect(await db.json('jobs', 'run', 'time-out-visitors')).to.deep.equal([{ visitors: 1 }]);
    expect(await db.works('jobs', 'run', 'time-out-visitors', '--dry-run')).to.equal('There is nothing to do.\n');
  });

  it('name the chats that would be closed', async () => {
    const id = await put(
      `INSERT INTO chats (instance_id, number, visitor_id, account_id, department_id, state, initiator, created_at)
       VALUES (1, 1, ?, ?, 1, 'active', 'visitor', NOW(3) - INTERVAL 2 DAY)`,
      ...[await visitor(0), await account('chat', 'visitor.9.chat')],
    );
    expect(await preview('close-idle-chats')).to.deep.equal([{ chat: id }]);
    expect(await db.json('jobs', 'run', 'close-idle-chats')).to.deep.equal([{ chats: 1 }]);
    const [chat] = await rows(db.core.pool, 'SELECT state FROM chats WHERE id = ?', [id]);
    expect(chat).to.deep.equal({ state: 'closed' });
  });

  it('name the accounts that would be removed', async () => {
    const id = await account('visitor', 'visitor.7');
    expect(await preview('expire-accounts')).to.deep.equal([{ account: id, jid: 'visitor.7@example.org' }]);
    expect(await db.json('jobs', 'run', 'expire-accounts')).to.deep.equal([{ accounts: 1 }]);
  });

  it('name the operators that would count as offline', async () => {
    await put(
      `INSERT INTO operator_presence (operator_id, show_state, status, priority, resources, reported_at, confirmed_at)
       VALUES (5, 'chat', '', 0, 1, NOW(3), NOW(3) - INTERVAL 1 HOUR)`,
    );
    expect(await preview('mark-silent-operators')).to.deep.equal([{ operator: 5 }]);
  });

  it('count what would be purged, and purge it', async () => {
    const old = 'NOW(3) - INTERVAL 100 DAY';
    await put('DELETE FROM feed');
    await put(`INSERT INTO feed (chat_id, number, kind, data, created_at) VALUES (77, 1, 'chat', '{}', ${old})`);
    await put(
      `INSERT INTO receipts (source, id, received_at) VALUES ('ejabberd', 'a', ${old}), ('ejabberd', 'b', ${old})`,
    );
    await put(
      `INSERT INTO rejected_events (id, instance_id, host, code, reason, event, received_at) VALUES ('a', 1, 'x', 'x', 'x', '{}', ${old})`,
    );
    await put(`INSERT INTO lanes (name, target, instance_id) VALUES ('h:1:c77', 'helpdesk', 1)`);
    await put(
      `INSERT INTO operator_sessions (instance_id, operator_id, page, kind, secret_hash, created_at, expires_at) VALUES (1, 1, 'operator', 'link', REPEAT('x', 32), ${old}, ${old})`,
    );
    await put(
      `INSERT INTO bans (instance_id, visitor_id, reason, actor, created_at, expires_at) VALUES (1, 77, '', 'cli', ${old}, ${old})`,
    );
    await put(
      `INSERT INTO room_occupants (room_id, jid_hash, jid, nick, role, present, reported_at)
       VALUES (1, REPEAT('a', 16), 'a@x/1', '', '', 0, ${old}), (1, REPEAT('b', 16), 'b@x/1', 'B', '', 1, ${old})`,
    );
    const counts = [
      { feed: 1, receipts: 2, rejected: 1, mails: 0, reminders: 0, lanes: 1, sessions: 1, bans: 1, occupants: 1 },
    ];
    const none = [
      { feed: 0, receipts: 0, rejected: 0, mails: 0, reminders: 0, lanes: 0, sessions: 0, bans: 0, occupants: 0 },
    ];
    expect(await preview('purge')).to.deep.equal(counts);
    expect(await db.json('jobs', 'run', 'purge')).to.deep.equal(counts);
    expect(await preview('purge')).to.deep.equal(none);
  });
});
