import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { until } from '../../support/until.js';
import { startReceiver, type Receiver } from './receiver.js';

type Json = Record<string, unknown>;

describe('a helpdesk on a real ejabberd', () => {
  let foyer: TestFoyer;
  let receiver: Receiver;
  let call: Helpdesk;
  let secret: string;

  before(async function () {
    this.timeout(120_000);
    receiver = await startReceiver();
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    call = await helpdesk(foyer);
    secret = (await api<{ secret: string }>('PUT', '/instance/callback', { url: receiver.url })).secret;
  });
  after(async function () {
    this.timeout(60_000);
    await foyer.stop();
    await receiver.stop();
  });

  const api = async <T = Json>(method: string, path: string, body?: unknown): Promise<T> =>
    (await call<T>(method, path, body)).body;

  const called = (type: string, holds: (data: Json) => boolean = () => true) =>
    until(() => receiver.received.find(({ body }) => body.type === type && holds(body.data)), `the callback ${type}`);
  const textOf = (data: Json) => (data['message'] as { text: string }).text;

  it('registers an operator, brings a visitor online, carries a chat both ways, and closes it with the transcript', async function () {
    this.timeout(90_000);
    const made = await api<{ operator: { id: number; jid: string }; password: string }>('POST', '/operators', {
      username: 'anna',
      name: 'Anna',
      departments: [1],
    });
    await until(
      async () =>
        (await api<{ operator: { account: string } }>('GET', `/operators/${made.operator.id}`)).operator.account ===
        'ready',
      'the account',
    );
    const anna = await foyer.client({ user: 'anna', password: made.password });
    await called('operator.connected');
    expect(
      (await api<{ operator: { presence: Json } }>('GET', `/operators/${made.operator.id}`)).operator.presence,
    ).to.include({ show: 'available', resources: 1 });

    const visitor = await api<{ account: { jid: string; state: string } }>('PUT', '/visitors/v-1/presence?wait=true', {
      nick: 'Ben',
      page: { url: 'https://shop.example/pricing' },
    });
    expect(visitor.account.state).to.equal('ready');
    const started = await api<{ chat: { id: number; number: number }; visitor_account: Json; operator_account: Json }>(
      'POST',
      '/chats?wait=true',
      {
        ...{ desk: 'main', visitor: { external_id: 'v-1' }, text: 'Do you ship to Norway?', message_id: 'm1' },
      },
    );
    expect(started.visitor_account).to.deep.equal({ jid: visitor.account.jid, state: 'ready' });
    expect(started.operator_account).to.include({ jid: made.operator.jid });
    const configuration = await api<Json>('GET', `/chats/${started.chat.id}/configuration`);
    expect(configuration['visitor_account']).to.deep.equal(started.visitor_account);

    await until(() => anna.texts().includes('Do you ship to Norway?'), 'the visitor’s words at the operator');
    await anna.say(visitor.account.jid, 'We do!');
    const answer = await called('operator.message', (data) => textOf(data) === 'We do!');
    new Webhook(secret).verify(answer.raw, answer.headers as Record<string, string>);
    await called('chat.accepted');
    await called('message.state', (data) => data['state'] === 'acked');

    await api('POST', `/chats/${started.chat.id}/messages`, {
      sender: 'operator',
      operator_id: made.operator.id,
      text: 'It takes 3 days.',
      message_id: 'w1',
    });
    await until(
      () => anna.texts().includes(`[Chat ${started.chat.number}] Anna (web): It takes 3 days.`),
      'the web message at the operator',
    );
    const closed = await api<{ chat: Json; transcript: { messages: { text: string }[] } }>(
      'POST',
      `/chats/${started.chat.id}/close`,
      { by: 'visitor' },
    );
    expect(closed.chat['state']).to.equal('closed');
    expect(closed.transcript.messages.map(({ text }) => text)).to.deep.equal([
      'Do you ship to Norway?',
      'We do!',
      'It takes 3 days.',
    ]);
    await until(
      () => anna.texts().includes(`[Chat ${started.chat.number}] The visitor has ended the chat.`),
      'the notice',
    );
    await called('chat.closed');

    await anna.say(visitor.account.jid, 'One more thing…');
    await called('invitation.created');
    await api('DELETE', '/visitors/v-1/presence');
    await called('visitor.timed_out');
    await anna.stop();
    await called('operator.disconnected');
  });

  it('gives a session without a known visitor a contact of its own, and takes a removed operator off ejabberd', async function () {
    this.timeout(60_000);
    const made = await api<{ operator: { id: number }; password: string }>('POST', '/operators', {
      username: 'max',
      name: 'Max',
      departments: [1],
    });
    await until(
      async () =>
        (await api<{ operator: { account: string } }>('GET', `/operators/${made.operator.id}`)).operator.account ===
        'ready',
      'the account',
    );
    const changed = await api<{ password: string }>('PUT', `/operators/${made.operator.id}/password`);
    await until(async () => (await api<{ lanes: unknown[] }>('GET', '/outbox')).lanes.length === 0, 'the new password');
    const max = await foyer.client({ user: 'max', password: changed.password });
    const started = await api<{ chat: { id: number }; visitor_account: { jid: string } }>('POST', '/chats', {
      desk: 'main',
      visitor: { nick: 'Kim' },
      text: 'Hi',
    });
    expect(started.visitor_account.jid).to.match(new RegExp(`^visitor\\.${started.chat.id}\\.chat@`));
    await until(() => max.texts().includes('Hi'), 'the visitor’s words');
    await max.say(started.visitor_account.jid, 'Hi Kim');
    await called('operator.message', (data) => textOf(data) === 'Hi Kim');
    await api('DELETE', `/operators/${made.operator.id}`);
    await until(
      async () =>
        (await api<{ operator: { account: string } }>('GET', `/operators/${made.operator.id}`)).operator.account ===
        'removed',
      'its end',
    );
    expect((await foyer.ejabberd.ctl('registered_users', foyer.ejabberd.host)).toString()).not.to.match(/^max$/m);
  });
});
