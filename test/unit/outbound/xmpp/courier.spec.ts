import { expect } from 'chai';
import type { Account, AccountWithPassword } from '../../../../bridge/domain/accounts/account.js';
import type { OutboxEntry } from '../../../../bridge/domain/outbox/entry.js';
import { EjabberdError } from '../../../../bridge/outbound/ejabberd/admin-errors.js';
import { AccountCourier } from '../../../../bridge/outbound/xmpp/courier.js';
import { SessionError } from '../../../../bridge/outbound/xmpp/session-error.js';
import type { SessionEvents } from '../../../../bridge/outbound/xmpp/session-pool.js';
import { until } from '../../../support/until.js';

const account: AccountWithPassword = {
  ...{ id: 7, instanceId: 1, kind: 'visitor', local: 'visitor.7', host: 'h', name: 'Anna' },
  ...{ rosterGroup: 'visitors', pooled: false, state: 'ready', password: 'very-secret' },
};
const message = (id: string): OutboxEntry => ({ kind: 'xmpp.message', to: 'o@h', id, body: `private ${id}` });
const presence: OutboxEntry = { kind: 'xmpp.presence', nick: 'Anna', status: '' };

/** A courier on stand-ins that note what they are asked for, and fail as `fail` says. */
function buildCourier(fail: (call: string, times: number) => Error | null = () => null) {
  const calls: string[] = [];
  const logged: string[] = [];
  const bounced: unknown[] = [];
  let events: SessionEvents | undefined;
  const note = async (call: string) => {
    calls.push(call);
    const error = fail(call, calls.filter((one) => one === call).length);
    if (error) {
      throw error;
    }
  };
  const log = (fields: object, text: string) => void logged.push(JSON.stringify(fields) + text);
  const courier = new AccountCourier({
    provisioner: {
      provision: () => note('provision'),
      lock: () => note('lock'),
      removeGroups: (_: string, instance: string) => note(`remove groups of ${instance}`),
      remove: () => note('remove'),
      rename: (_: Account, name: string) => note(`rename ${name}`),
      forget: (_: Account, operator: string) => note(`forget ${operator}`),
    },
    sessions: {
      listen: (listener) => void (events = listener),
      ensureOnline: (_, { nick }) => note(`online ${nick}`),
      goOffline: () => note('offline'),
      forgive: (id) => void calls.push(`forgive ${id}`),
      send: (_, stanza) => note(`send ${stanza.attrs['id']}`),
      join: (_, id, { nick }) => note(`join ${id} as ${nick}`),
      leave: (_, id) => note(`leave ${id}`),
    },
    rooms: {
      make: (_, ids) => note(`make ${ids.join(' ')}`),
      destroy: (_, ids) => note(`destroy ${ids.join(' ')}`),
      dismiss: (_, id, user) => note(`dismiss ${user} from ${id}`),
      putOut: (_, id, user, how) => note(`${how} ${user} out of ${id}`),
      admit: async (_, id, user) => {
        await note(`admit ${user} to ${id}`);
        return id === OVER ? undefined : { room: `foyer-${id}@conference.localhost`, password: 'sesame' };
      },
    },
    clock: { now: () => new Date(0) },
    log: { debug: log, info: log, warn: log, error: log },
    onBounce: (...bounce) => void bounced.push(bounce),
  });
  const deliver = (...entries: OutboxEntry[]) =>
    courier.deliverAccountLane(
      account,
      entries.map((entry, id) => ({ id, instanceId: 1, entry, attempts: 0, createdAt: new Date(0) })),
    );
  return { calls, logged, bounced, deliver, events: () => events };
}

/** A room that is over. */
const OVER = 99;

const results = (outcomes: { result: string }[]) => outcomes.map(({ result }) => result);

describe('the courier of accounts', () => {
  it('makes and removes rooms that follow each other by one call, and lets in before it joins or invites', async () => {
    const { calls, deliver } = buildCourier();
    const outcomes = await deliver(
      ...[1, 2].map((room): OutboxEntry => ({ kind: 'room.make', room })),
      { kind: 'room.join', room: 1, nick: 'Foyer' },
      { kind: 'room.invite', room: 1, to: 'anna@localhost', id: 'i1', body: 'Come in' },
      { kind: 'room.leave', room: 1 },
      ...[1, 2].map((room): OutboxEntry => ({ kind: 'room.destroy', room })),
      { kind: 'room.make', room: 3 },
    );
    expect(results(outcomes)).to.deep.equal(Array(8).fill('done'));
    expect(calls).to.deep.equal([
      ...['make 1 2', 'admit visitor.7 to 1', 'join 1 as Foyer', 'admit anna to 1', 'send i1', 'leave 1'],
      ...['leave 1', 'leave 2', 'destroy 1 2', 'make 3'],
    ]);
  });

  it('neither joins nor invites into a room that is over', async () => {
    const { calls, deliver } = buildCourier();
    await deliver(
      { kind: 'room.join', room: OVER, nick: 'Vera' },
      { kind: 'room.invite', room: OVER, to: 'anna@localhost', id: 'i1', body: 'Come in' },
    );
    expect(calls).to.deep.equal([`admit visitor.7 to ${OVER}`, `admit anna to ${OVER}`]);
  });

  it('does a lane in order', async () => {
    const { deliver, calls } = buildCourier();
    const outcomes = await deliver({ kind: 'account.provision' }, presence, message('a'), message('b'), {
      kind: 'account.remove',
    });
    expect(results(outcomes)).to.deep.equal(['done', 'done', 'done', 'done', 'done']);
    expect(calls).to.deep.equal(['provision', 'online Anna', 'send a', 'send b', 'offline', 'remove']);
  });

  it('stops at the first that has to be tried again, so that nothing overtakes', async () => {
    const { deliver, calls } = buildCourier((call) => (call === 'send b' ? new SessionError('closed', 'gone') : null));
    const outcomes = await deliver(message('a'), message('b'), message('c'), { kind: 'xmpp.offline' });
    expect(results(outcomes)).to.deep.equal(['done', 'retry', 'retry', 'retry']);
    expect(calls).to.deep.equal(['send a', 'send b', 'send c']);
  });

  it('provisions an account that is refused once, and sends what is left', async () => {
    const { deliver, calls } = buildCourier((call, times) =>
      call === 'send b' && times === 1 ? new SessionError('not-authorized', 'no') : null,
    );
    expect(results(await deliver(message('a'), message('b')))).to.deep.equal(['done', 'done']);
    expect(calls).to.deep.equal(['send a', 'send b', 'provision', 'send b']);
  });

  it('tries later when the account is refused again', async () => {
    const { deliver, calls } = buildCourier((call) =>
      call === 'send a' ? new SessionError('not-authorized', 'no') : null,
    );
    expect(results(await deliver(message('a')))).to.deep.equal(['retry']);
    expect(calls.filter((call) => call === 'provision')).to.have.length(1);
  });

  it('gives up what ejabberd will never take, and goes on', async () => {
    const { deliver, calls } = buildCourier((call) =>
      call === 'rename X' ? new EjabberdError('invalid', 'bad name') : null,
    );
    const outcomes = await deliver({ kind: 'account.rename', name: 'X' }, message('a'));
    expect(outcomes).to.deep.equal([{ result: 'dead', reason: 'bad name' }, { result: 'done' }]);
    expect(calls).to.include('send a');
  });

  it('keeps a lane when its account can’t be provisioned', async () => {
    const { deliver } = buildCourier((call) => (call === 'provision' ? new Error('ejabberd away') : null));
    expect(results(await deliver({ kind: 'account.provision' }, message('a')))).to.deep.equal(['retry', 'retry']);
  });

  it('reports bounces, and provisions an account that is refused in the background', async () => {
    const { bounced, calls, events } = buildCourier();
    events()?.bounced(account, { id: 'm', condition: 'gone', text: '' });
    events()?.refused(account);
    expect(bounced).to.deep.equal([[account, 'm', 'gone', '']]);
    await until(() => calls.length === 2);
    expect(calls).to.deep.equal(['provision', 'forgive 7']);
  });

  it('holds a refusal against the account only where ejabberd could be asked', async () => {
    for (const [code, after] of [
      ['unreachable', ['provision', 'forgive 7']],
      ['denied', ['provision']],
    ] as const) {
      const { calls, logged, events } = buildCourier(() => new EjabberdError(code, 'no'));
      events()?.refused(account);
      await until(() => logged.join().includes('provisioning again failed'));
      expect(calls).to.deep.equal(after);
    }
  });

  it('logs neither bodies nor passwords', async () => {
    const { deliver, logged, events } = buildCourier((call) =>
      call.startsWith('send') ? new SessionError('not-authorized', 'no') : null,
    );
    await deliver(message('a'));
    events()?.bounced(account, { id: 'm', condition: 'gone', text: 'private' });
    expect(logged).to.have.length.greaterThan(0);
    expect(logged.join()).to.not.match(/private|very-secret/);
  });
});
