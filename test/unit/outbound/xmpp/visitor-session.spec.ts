import { expect } from 'chai';
import type { AccountWithPassword } from '../../../../bridge/domain/accounts/account.js';
import type { Connection } from '../../../../bridge/outbound/xmpp/connection.js';
import { SessionError } from '../../../../bridge/outbound/xmpp/session-error.js';
import { VisitorSession, type SessionHost } from '../../../../bridge/outbound/xmpp/visitor-session.js';

const account = { id: 1, local: 'visitor.1', host: 'h', password: 'p' } as AccountWithPassword;

const a = { xml: '<a/>', repeatable: false };
const b = { xml: '<b/>', repeatable: false };

/** A session on a host whose logins the test settles, with connections that note what is sent. */
function buildSession() {
  const sent: string[] = [];
  const logins: { succeed(): void; fail(error: SessionError): void }[] = [];
  const refused: number[] = [];
  const asleep: boolean[] = [];
  let now = 0;
  const host: SessionHost = {
    login: () =>
      new Promise((resolve, reject) => {
        const connection = {
          inFlight: 0,
          send: (stanza: string) => Promise.resolve(void sent.push(stanza)),
          close: () => Promise.resolve(void sent.push('closed')),
        };
        logins.push({ succeed: () => resolve(connection as unknown as Connection), fail: reject });
      }),
    refused: ({ id }) => void refused.push(id),
    bounced: () => undefined,
    asked: () => null,
    takenOver: () => undefined,
    sleeping: (_, isAsleep) => void asleep.push(isAsleep),
    held: () => true,
    random: () => 0,
    monotonic: () => now,
  };
  return {
    session: new VisitorSession(account, host),
    sent,
    logins,
    refused,
    asleep,
    pass: (ms: number) => void (now += ms),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a visitor session', () => {
  it('logs in once for all that waits, and sends it in order behind the presence', async () => {
    const { session, sent, logins } = buildSession();
    const first = session.send(a);
    const online = session.setPresence({ nick: 'Anna', status: '' });
    const second = session.send(b);
    expect(logins).to.have.length(1);
    logins[0]?.succeed();
    await Promise.all([first, online, second]);
    expect(sent).to.have.length(3);
    expect(sent[0]).to.match(/^<presence>/);
    expect(sent.slice(1)).to.deep.equal(['<a/>', '<b/>']);
    await session.close(0);
  });

  it('rejects all that waits when the login fails, and stays down without presence', async () => {
    const { session, logins, asleep } = buildSession();
    const outcomes = Promise.allSettled([session.send(a), session.send(b)]);
    logins[0]?.fail(new SessionError('unreachable', 'away'));
    expect((await outcomes).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(asleep).to.deep.equal([]);
  });

  it('with presence comes back as soon as the server is seen again, but not at once after a failure', async () => {
    const { session, logins, asleep, sent, pass } = buildSession();
    const online = session.setPresence({ nick: 'Anna', status: '' });
    logins[0]?.succeed();
    await online;
    session.connectionClosed(new SessionError('closed', 'server gone'));
    expect(asleep.at(-1)).to.equal(true);
    expect(session.wake()).to.equal(false);
    pass(500);
    expect(session.wake()).to.equal(true);
    logins[1]?.succeed();
    await turn();
    expect(session.online).to.equal(true);
    expect(sent).to.have.length(2);
    await session.close(0);
  });

  it('asks for provisioning when it is refused at a time when nobody waits', async () => {
    const { session, logins, refused, pass } = buildSession();
    const online = session.setPresence({ nick: 'Anna', status: '' });
    logins[0]?.succeed();
    await online;
    session.connectionClosed(new SessionError('closed', 'account deleted'));
    pass(500);
    session.wake();
    logins[1]?.fail(new SessionError('not-authorized', 'no such account'));
    await turn();
    expect(refused).to.deep.equal([account.id]);
    pass(500);
    expect(session.wake()).to.equal(false);
    await session.close(0);
  });

  it('is woken again after a refusal that was mended, but not for ever', async () => {
    const { session, logins, pass } = buildSession();
    const online = session.setPresence({ nick: 'Anna', status: '' });
    logins[0]?.succeed();
    await online;
    session.connectionClosed(new SessionError('closed', 'account deleted'));
    for (const [refusals, wakes] of [true, true, false].entries()) {
      pass(60_000);
      // By its own back-off, or because the server was seen: it tries, and is refused.
      if (refusals === 0) session.wake();
      logins.at(-1)?.fail(new SessionError('not-authorized', 'no such account'));
      await turn();
      pass(500);
      expect(session.wake(), 'before it was mended').to.equal(false);
      session.forgive();
      expect(session.wake(), `after ${refusals + 1} refusals`).to.equal(wakes);
    }
    await session.close(0);
  });

  it('keeps its own pace when the server throws it out again and again', async () => {
    const { session, logins, pass } = buildSession();
    const online = session.setPresence({ nick: 'Anna', status: '' });
    const woken: boolean[] = [];
    for (let short = 1; short <= 3; short += 1) {
      logins.at(-1)?.succeed();
      await turn();
      session.connectionClosed(new SessionError('closed', 'thrown out'));
      pass(500);
      woken.push(session.wake());
    }
    await online;
    expect(woken).to.deep.equal([true, true, false]);
    await session.close(0);
  });

  it('sends once more what was acknowledged just before the connection ended by itself', async () => {
    const { session, logins, sent, pass } = buildSession();
    const old = session.send({ xml: '<old/>', repeatable: true });
    logins[0]?.succeed();
    await old;
    pass(5_000);
    await Promise.all([session.send({ xml: '<recent/>', repeatable: true }), session.send(a)]);
    session.connectionClosed(new SessionError('closed', 'server gone'));
    pass(500);
    const next = session.send(b);
    logins[1]?.succeed();
    await next;
    expect(sent).to.deep.equal(['<old/>', '<recent/>', '<a/>', '<recent/>', '<b/>']);
    await session.close(0);
  });

  it('undoes a login that is finished after its end', async () => {
    const { session, sent, logins } = buildSession();
    const waiting = session.send(a).catch((error: SessionError) => error.code);
    const closed = session.close(0);
    logins[0]?.succeed();
    await closed;
    expect(await waiting).to.equal('closed');
    expect(sent).to.deep.equal(['closed']);
  });

  it('is idle only without presence, work and login', async () => {
    const { session, logins, pass } = buildSession();
    const sending = session.send(a);
    pass(100);
    expect(session.idleFor(100)).to.equal(0);
    logins[0]?.succeed();
    await sending;
    expect(session.idleFor(100)).to.equal(100);
    await session.setPresence({ nick: 'Anna', status: '' });
    expect(session.idleFor(100)).to.equal(0);
    await session.close(0);
  });
});
