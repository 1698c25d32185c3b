import { expect } from 'chai';
import { CHAT_LIMITS, startBridge, type TestBridge } from './bridge.js';

type Json = Record<string, unknown>;
interface ChatJson {
  id: number;
  number: number;
  state: string;
  operator: { id: number } | null;
  last_number: number;
}
interface Started {
  chat: ChatJson;
  visitor_account: { jid: string; state: string };
  operator_account: { jid: string } | null;
  operators: { jid: string }[];
  message: { number: number } | null;
}
interface Messages {
  messages: {
    number: number;
    text: string;
    sender: string;
    state: string;
    message_id: string | null;
    origin: string;
    operator: { name: string } | null;
  }[];
}

describe('what a helpdesk reads of chats', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };
  let visitors = 0;

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
  });
  after(() => bridge.stop());

  const visitorId = () => `v-${(visitors += 1)}`;
  const start = async (more: Json = {}) => {
    const answer = await bridge.call<Started>(shop.key, 'POST', '/api/v1/chats', {
      desk: 'main',
      visitor: { external_id: visitorId() },
      ...more,
    });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const messagesOf = async (id: number) =>
    (await bridge.call<Messages>(shop.key, 'GET', `/api/v1/chats/${id}/messages`)).body.messages;

  describe('reading', () => {
    it('pages through chats, newest first, by state and by visitor, and never another instance’s', async () => {
      for (let i = 0; i < 3; i += 1) await start();
      const mine = visitorId();
      const { chat } = await start({ visitor: { external_id: mine } });
      await bridge.call(other.key, 'POST', '/api/v1/chats', { desk: 'main', visitor: { external_id: mine } });
      const one = await bridge.call<{ chats: ChatJson[]; more: boolean }>(
        shop.key,
        'GET',
        `/api/v1/chats?visitor=${mine}&state=waiting,offered`,
      );
      expect(one.body.chats.map(({ id }) => id)).to.deep.equal([chat.id]);
      const first = await bridge.call<{ chats: ChatJson[]; more: boolean }>(shop.key, 'GET', '/api/v1/chats?limit=2');
      const next = await bridge.call<{ chats: ChatJson[] }>(
        shop.key,
        'GET',
        `/api/v1/chats?limit=2&before=${first.body.chats[1]?.id}`,
      );
      const ids = [...first.body.chats, ...next.body.chats].map(({ id }) => id);
      expect(ids).to.deep.equal([...ids].sort((a, b) => b - a));
      expect(first.body.more).to.equal(true);
      expect(
        (await bridge.call<{ chats: ChatJson[] }>(shop.key, 'GET', '/api/v1/chats?visitor=nobody')).body.chats,
      ).to.deep.equal([]);
    });

    it('shows the accounts, desk and limits behind a session', async () => {
      const tom = await bridge.operator(shop, 'tom', 'away');
      const { chat, visitor_account: contact } = await start();
      const { status, body } = await bridge.call<Json>(shop.key, 'GET', `/api/v1/chats/${chat.id}/configuration`);
      expect(status).to.equal(200);
      expect(body).to.deep.include({
        session_id: chat.id,
        desk: { key: 'main', name: 'Shop' },
        visitor_account: contact,
        limits: {
          message_bytes: CHAT_LIMITS.messageBytes,
          chat_bytes: CHAT_LIMITS.chatBytes,
          chat_bytes_left: CHAT_LIMITS.chatBytes,
        },
      });
      expect(body['operator_account']).to.deep.equal({ id: tom.id, name: 'Tom', jid: tom.jid });
      await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${tom.id}`);
    });

    it('shows how far messages have come, and their earlier versions', async () => {
      const { chat } = await start({ text: 'first' });
      await bridge.transactions.alone(async (tx) => {
        for (const state of ['acked', 'delivered'] as const) tx.messages.advance(chat.id, 1, 1, 'visitor', state);
      });
      await bridge.query("UPDATE messages SET state = 'delivered', corrected_at = NOW(3) WHERE chat_id = ?", [chat.id]);
      await bridge.query(
        "INSERT INTO message_versions (chat_id, number, version, text, replaced_at) VALUES (?, 1, 1, 'frist', NOW(3))",
        [chat.id],
      );
      const [message] = (await messagesOf(chat.id)) as (Json & { versions?: { text: string }[] })[];
      expect(message).to.include({ state: 'delivered', seen_at: null });
      const times = [message?.['acked_at'], message?.['delivered_at']].map(String);
      for (const time of times)
        expect(Date.parse(time)).to.be.within(Date.parse(message?.['created_at'] as string), Date.now());
      expect(message?.versions?.map(({ text }) => text)).to.deep.equal(['frist']);
    });

    it('is refused for another instance’s chat, a chat that isn’t there, and a malformed question', async () => {
      const { chat } = await start();
      for (const path of ['', '/configuration', '/messages', '/transcript', '/events']) {
        const answer = await bridge.call(other.key, 'GET', `/api/v1/chats/${chat.id}${path}`);
        expect([answer.status, answer.body['code']], path).to.deep.equal([404, 'not_found']);
      }
      expect((await bridge.call(shop.key, 'GET', '/api/v1/chats/999999999')).status).to.equal(404);
      for (const path of [
        '/api/v1/chats/abc',
        '/api/v1/chats?state=happy',
        '/api/v1/chats?limit=0',
        '/api/v1/chats?colour=red',
        '/api/v1/chats?limit=101',
      ]) {
        expect((await bridge.call(shop.key, 'GET', path)).status, path).to.equal(422);
      }
      expect((await bridge.call(shop.key, 'DELETE', '/api/v1/chats')).status).to.equal(405);
    });
  });

  describe('signals', () => {
    it('of typing and of reading reach the owner’s client', async () => {
      const kim = await bridge.operator(shop, 'kim');
      const { chat } = await start({ text: 'hm' });
      const path = `/api/v1/chats/${chat.id}`;
      await bridge.call(shop.key, 'POST', `${path}/messages`, {
        sender: 'operator',
        operator_id: kim.id,
        text: 'yes?',
        message_id: 'y',
      });
      expect((await bridge.call(shop.key, 'POST', `${path}/typing`, { typing: true })).status).to.equal(204);
      expect((await bridge.call(shop.key, 'POST', `${path}/seen`, { number: 2 })).status).to.equal(204);
      expect((await bridge.sent()).at(-1)).to.deep.include({
        kind: 'xmpp.chat-state',
        to: kim.jid,
        state: 'composing',
      });
      expect((await messagesOf(chat.id)).at(-1)).to.include({ sender: 'operator', state: 'seen' });
      expect((await bridge.call(shop.key, 'POST', `${path}/seen`, { number: -1 })).status).to.equal(422);
      expect((await bridge.call(other.key, 'POST', `${path}/typing`, { typing: true })).status).to.equal(404);
      await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${kim.id}`);
    });

    it('of a chat’s feed are heard by long poll, from a cursor on', async () => {
      interface Events {
        events: { kind: string; number: number; data: { message?: { text: string } } }[];
        cursor: string;
      }
      const { chat } = await start({ text: 'one' });
      const path = `/api/v1/chats/${chat.id}/events`;
      const all = await bridge.call<Events>(shop.key, 'GET', path);
      expect(all.body.events.map(({ kind }) => kind)).to.deep.equal(['chat', 'message', 'position']);
      const waiting = bridge.call<Events>(shop.key, 'GET', `${path}?wait=20&cursor=${all.body.cursor}`);
      await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, { text: 'two', message_id: '2' });
      const heard = await waiting;
      expect(heard.body.events.map(({ data }) => data.message?.text)).to.deep.equal(['two']);
      expect((await bridge.call<Events>(shop.key, 'GET', `${path}?cursor=${heard.body.cursor}`)).body).to.deep.equal({
        events: [],
        cursor: heard.body.cursor,
      });
      const ahead = await bridge.call<Events>(shop.key, 'GET', `${path}?cursor=${chat.id}.999`);
      expect(ahead.body.events.map(({ kind }) => kind)).to.deep.equal(['reset']);
      expect((await bridge.call(shop.key, 'GET', `${path}?cursor=now`)).status).to.equal(422);
    });
  });
});
