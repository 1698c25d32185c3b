import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { createRegistry } from '../../../bridge/domain/commands/registry.js';
import { rateChat } from '../../../bridge/domain/transcripts/annotations.js';
import { leaveMessage } from '../../../bridge/domain/offline/offline-message.js';
import { eraseVisitor } from '../../../bridge/domain/visitors/erase-visitor.js';
import { timeOutVisitors } from '../../../bridge/domain/visitors/time-out.js';
import { receiveBatch } from '../../../bridge/inbound/ejabberd-hooks/receive.js';
import { callbackTypes } from '../../../bridge/inbound/helpdesk-api/callback-types.js';
import { createEvents } from '../../../bridge/observe/events.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { PublishedCallbacks } from '../../support/published-api.js';
import { until } from '../../support/until.js';
import { CHAT_LIMITS, startBridge, type TestBridge } from './bridge.js';
import { startReceiver, type Receiver } from './receiver.js';

type Instance = { id: number; key: string; department: number };
interface Set {
  url: string;
  secrets: number;
  secret?: string;
}

describe('callbacks of a helpdesk', () => {
  let bridge: TestBridge;
  let receiver: Receiver;
  let delivery: { stop(): Promise<void> };
  let tenants = 0;
  let events = 0;

  before(async () => {
    bridge = await startBridge();
    delivery = bridge.deliver();
  });
  after(async () => {
    await delivery.stop();
    await bridge.stop();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());

  const put = (instance: Instance, body: unknown) =>
    bridge.call<Set>(instance.key, 'PUT', '/api/v1/instance/callback', body);
  /** An instance whose callbacks come to the receiver. */
  const tenant = async (): Promise<Instance & { secret: string }> => {
    const instance = await bridge.instance(`t${(tenants += 1)}`);
    const { body } = await put(instance, { url: receiver.url });
    return { ...instance, secret: body.secret ?? '' };
  };
  const hook = (...list: Record<string, unknown>[]) =>
    receiveBatch(
      {
        transactions: bridge.transactions,
        events: createEvents(createLog('silent'), createMetrics({ processMetrics: false })),
        limits: CHAT_LIMITS,
        commands: createRegistry([]),
        serviceLocal: 'foyer',
      },
      {
        version: 1,
        host: 'foyer.localhost',
        node: 'n',
        events: list.map((event) => ({
          id: `e-${(events += 1)}`,
          at: new Date(Date.now() + events * 1000).toISOString(),
          ...event,
        })),
      },
    );
  const begin = async (instance: Instance, externalId: string) => {
    await bridge.call(instance.key, 'PUT', `/api/v1/visitors/${externalId}/presence`, {
      page: { url: 'https://shop.example/' },
      custom: { plan: 'gold' },
    });
    const { body } = await bridge.call<{ chat: { id: number }; visitor_account: { jid: string } }>(
      instance.key,
      'POST',
      '/api/v1/chats',
      {
        ...{ desk: 'main', visitor: { external_id: externalId }, text: 'Hello' },
      },
    );
    return { id: body.chat.id, contact: body.visitor_account.jid };
  };
  /** Anna comes into the room of a group, speaks, corrects herself, takes it back and leaves. */
  const group = async (instance: Instance, jid: string) => {
    await bridge.transactions.alone((tx) =>
      tx.accounts.create({
        ...{ instanceId: instance.id, kind: 'service', local: 'foyer', host: 'foyer.localhost' },
        ...{ name: 'Foyer', rosterGroup: '' },
      }),
    );
    const { body } = await bridge.call<{ room: { id: number } }>(instance.key, 'POST', '/api/v1/rooms', {
      ...{ external_id: 'g1', title: 'Night shift' },
    });
    const { body: one } = await bridge.call<{ room: { jid: string } }>(
      instance.key,
      'GET',
      `/api/v1/rooms/${body.room.id}`,
    );
    const common = { room: one.room.jid, jid: `${jid}/pc`, nick: 'Anna' };
    await hook(
      { kind: 'room_presence', ...common, present: true },
      { kind: 'room_message', ...common, body: 'Hi al', stanza_id: 'g1', archive_id: '17' },
      { kind: 'room_message', ...common, body: 'Hi all', stanza_id: 'g2', replaces: 'g1' },
      { kind: 'room_message', ...common, retracts: '17', stanza_id: 'g3' },
      { kind: 'room_presence', ...common, present: false, cause: 'left' },
    );
  };
  const now = () => new Date().toISOString();
  const types = () => receiver.received.map(({ body }) => body.type);

  it('tell everything that happens, as it is documented, and signed', async () => {
    const shop = await tenant();
    const { jid } = await bridge.operator(shop, 'anna', 'offline');
    await hook({ kind: 'presence', operator: jid, change: 'connected', show: 'available' });
    await hook({ kind: 'presence', operator: jid, change: 'changed', show: 'away', status: 'tea' });
    await hook({ kind: 'ping', operators: [{ jid, show: 'away', status: 'tea' }] });
    const chat = await begin(shop, 'v1');
    await hook({ kind: 'message', from: `${jid}/pc`, to: chat.contact, stanza_id: 's1', body: 'Helo' });
    await hook({
      kind: 'message',
      from: `${jid}/pc`,
      to: chat.contact,
      stanza_id: 's2',
      body: 'Hello',
      replaces: 's1',
    });
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/seen`, { number: 2 });
    await hook({ kind: 'chat_state', from: `${jid}/pc`, to: chat.contact, state: 'composing', at: now() });
    await until(() => types().includes('operator.typing'), 'typing, which is told while it is news');
    await hook({ kind: 'message', from: `${jid}/pc`, to: chat.contact, stanza_id: 'r1', body: 'Oops' });
    await hook({ kind: 'message', from: `${jid}/pc`, to: chat.contact, stanza_id: 'r2', retracts: 'r1' });
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
      sender: 'system',
      text: 'paid',
      message_id: 'sys',
    });
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
      ...{ sender: 'operator', author: 'Night shift', text: 'sent', message_id: 'night' },
    });
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/close`);
    await bridge.call(shop.key, 'PUT', `/api/v1/chats/${chat.id}/tags`, { tags: ['paid'] });
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/notes`, { text: 'friendly', author: 'Night shift' });
    await bridge.transactions.alone(async (tx) => {
      const over = await tx.chats.lock(chat.id);
      if (over) await rateChat(tx, over, 5, 'Thanks');
    });
    await hook({ kind: 'message', from: `${jid}/pc`, to: chat.contact, stanza_id: 's3', body: 'One more thing' });
    const again = await begin(shop, 'v2');
    await bridge.call(shop.key, 'POST', `/api/v1/chats/${again.id}/messages`, {
      ...{
        sender: 'operator',
        operator_id: (
          await bridge.query('SELECT operators.id FROM operators WHERE operators.instance_id = ?', [shop.id])
        )[0]?.['id'] as number,
      },
      ...{ text: 'hi', message_id: 'op' },
    });
    await bridge.transactions.alone(async (tx) => {
      const desk = await tx.instances.deskByKey(shop.id, 'main');
      const visitor = await tx.visitors.byExternalId(shop.id, 'v2');
      if (!desk || !visitor) throw new Error('nobody to leave words');
      await leaveMessage(tx, {
        ...{ instance: await tx.instances.get(shop.id), desk, visitor, clientId: 'o1', mostBytes: 1_000 },
        ...{ name: 'Vera', email: 'vera@example.org', text: 'Call me' },
      });
    });
    await begin(shop, 'v3');
    await bridge.transactions.alone(async (tx) => {
      const visitor = await tx.visitors.byExternalId(shop.id, 'v3');
      await eraseVisitor(tx, shop.id, visitor?.id ?? 0, 'test');
    });
    await hook({ kind: 'presence', operator: jid, change: 'disconnected', show: 'offline', resources: 0 });
    await bridge.query(
      "UPDATE visitors SET online_until = NOW(3) - INTERVAL 1 SECOND WHERE visitors.external_id = 'v1' AND visitors.instance_id = ?",
      [shop.id],
    );
    await bridge.transactions.alone(timeOutVisitors);
    await group(shop, jid);
    const list = await bridge.call<{ operators: { id: number }[] }>(shop.key, 'GET', '/api/v1/operators');
    await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${list.body.operators[0]?.id}`);
    await bridge.call(shop.key, 'POST', '/api/v1/instance/callback/test');

    const expected = Object.keys(callbackTypes);
    await until(() => expected.every((type) => types().includes(type)), `all of ${expected.join(', ')}`);
    const webhook = new Webhook(shop.secret);
    const published = await PublishedCallbacks.of(bridge.origin);
    expect(published.types).to.have.members(expected);
    for (const { raw, headers, body } of receiver.received) {
      webhook.verify(raw, headers as Record<string, string>);
      // What isn't documented would be missing from what was parsed.
      expect(callbackTypes[body.type]?.body.parse(body), body.type).to.deep.equal(body);
      published.check(body, headers);
      expect(body.instance).to.match(/^t\d+$/);
    }
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).to.equal(ids.length);
    const started = receiver.received.find(({ body }) => body.type === 'chat.started')?.body.data['visitor'];
    expect(started).to.deep.include({ external_id: 'v1', custom: { plan: 'gold' } });
    const own = receiver.received.find(({ body }) => body.type === 'system.message')?.body.data['message'];
    expect(own).to.deep.include({ origin: 'helpdesk', message_id: 'sys', text: 'paid' });
    const theirs = receiver.received.find(({ body }) => body.type === 'operator.message')?.body.data['message'];
    expect(theirs).to.deep.include({
      ...{ origin: 'xmpp', message_id: null, text: 'Helo', number: 2, author_name: 'Anna' },
    });
    const typing = receiver.received.find(({ body }) => body.type === 'operator.typing')?.body.data;
    expect(typing).to.deep.include({ typing: true, operator: { id: list.body.operators[0]?.id, name: 'Anna', jid } });
    const gone = receiver.received.find(({ body }) => body.type === 'operator.message_retracted')?.body.data['message'];
    expect(gone).to.deep.include({ number: 3, text: '', origin: 'xmpp' });
    const messages = receiver.received.map(({ body }) => body.data['message'] as { message_id?: string } | undefined);
    expect(messages.find((message) => message?.message_id === 'night')).to.deep.include({
      ...{ author: null, author_name: 'Night shift' },
    });
  });

  it('come in the order of the chat, once each, through an outage that other chats don’t feel', async () => {
    const shop = await tenant();
    const { jid } = await bridge.operator(shop, 'max');
    const [one, two] = [await begin(shop, 'a'), await begin(shop, 'b')];
    await until(() => types().filter((type) => type === 'visitor.message').length === 2);
    receiver.received.length = 0;
    const broken = new RegExp(`"chat":{"id":${one.id},`);
    receiver.answer = (response) =>
      void response.writeHead(broken.test(receiver.received.at(-1)?.raw ?? '') ? 503 : 200).end();
    const write = (to: string, n: number) =>
      hook({ kind: 'message', from: `${jid}/pc`, to, stanza_id: `${to}${n}`, body: `number ${n}` });
    for (let n = 0; n < 5; n += 1) {
      await write(one.contact, n);
      await write(two.contact, n);
    }
    const texts = (id: number) =>
      receiver.received
        .filter(
          ({ body }) =>
            (body.data['chat'] as { id: number } | undefined)?.id === id && body.type === 'operator.message',
        )
        .map(({ body }) => (body.data['message'] as { text: string }).text);
    const all = [0, 1, 2, 3, 4].map((n) => `number ${n}`);
    await until(() => texts(two.id).length === 5, 'the other chat’s callbacks');
    expect(texts(two.id)).to.deep.equal(all);
    expect(texts(one.id)).to.deep.equal([]);
    const tried = receiver.received.filter(({ raw }) => broken.test(raw));
    expect(new Set(tried.map(({ headers }) => headers['webhook-id'])).size, 'only the first is tried').to.equal(1);
    const outbox = await bridge.call<{ lanes: { lane: string; depth: number; last_error: string }[] }>(
      shop.key,
      'GET',
      '/api/v1/outbox',
    );
    expect(outbox.body.lanes.find(({ lane }) => lane === `h:${shop.id}:c${one.id}`)).to.deep.include({ depth: 6 });
    receiver.answer = 200;
    await until(() => texts(one.id).length === 5, 'the callbacks after the outage');
    expect(texts(one.id)).to.deep.equal(all);
  });

  it('that are given up can be looked at, sent again under the same id, or forgotten', async () => {
    const shop = await tenant();
    receiver.answer = 410;
    await begin(shop, 'a');
    type Dead = { dead: { id: number; type: string; reason: string; lane: string }[] };
    const dead = async () => (await bridge.call<Dead>(shop.key, 'GET', '/api/v1/outbox/dead')).body.dead;
    await until(async () => (await dead()).length === 2);
    const [message, started] = await dead();
    expect(message).to.include({ type: 'visitor.message', reason: 'gone: HTTP 410' });
    const firstId = receiver.received.find(({ body }) => body.type === 'visitor.message')?.headers['webhook-id'];
    const foreign = await bridge.instance('elsewhere');
    expect((await bridge.call<Dead>(foreign.key, 'GET', '/api/v1/outbox/dead')).body.dead).to.deep.equal([]);
    for (const [method, path] of [
      ['POST', `/api/v1/outbox/dead/${message?.id}/resend`],
      ['DELETE', `/api/v1/outbox/dead/${message?.id}`],
    ] as const) {
      expect((await bridge.call(foreign.key, method, path)).status).to.equal(404);
    }
    receiver.received.length = 0;
    const path = `/api/v1/outbox/dead/${message?.id}/resend`;
    expect((await bridge.call(shop.key, 'POST', path)).status).to.equal(202);
    await until(async () => (await dead()).length === 2, 'its second death');
    receiver.answer = 200;
    const [reborn] = await dead();
    expect((await bridge.call(shop.key, 'POST', `/api/v1/outbox/dead/${reborn?.id}/resend`)).status).to.equal(202);
    await until(() => receiver.received.length === 2);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).to.deep.equal([firstId, firstId]);
    expect((await bridge.call(shop.key, 'POST', path)).status, 'it is no dead letter any more').to.equal(404);
    expect((await bridge.call(shop.key, 'DELETE', `/api/v1/outbox/dead/${started?.id}`)).status).to.equal(204);
    expect(await dead()).to.deep.equal([]);
    const actions = await bridge.query(
      "SELECT audit.action FROM audit WHERE audit.instance_id = ? AND audit.action LIKE 'outbox.%'",
      [shop.id],
    );
    expect(actions.map((row) => row['action'])).to.deep.equal(['outbox.resend', 'outbox.resend', 'outbox.delete']);
  });

  it('are no longer written once the address is taken away, and those that waited are dead letters', async () => {
    const shop = await tenant();
    receiver.answer = 500;
    await begin(shop, 'a');
    await until(
      async () =>
        (
          await bridge.query('SELECT lanes.name FROM lanes WHERE lanes.instance_id = ? AND lanes.attempts > 0', [
            shop.id,
          ])
        ).length > 0,
    );
    expect((await bridge.call(shop.key, 'DELETE', '/api/v1/instance/callback')).status).to.equal(204);
    await until(
      async () =>
        (
          await bridge.query(
            "SELECT dead_letters.id FROM dead_letters WHERE dead_letters.reason = 'no callback address' AND dead_letters.instance_id = ?",
            [shop.id],
          )
        ).length === 2,
    );
    await begin(shop, 'b');
    expect((await bridge.callbacks()).filter(({ lane }) => lane.startsWith(`h:${shop.id}:`))).to.deep.equal([]);
  });
});
