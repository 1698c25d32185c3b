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
    author_name: string | null;
  }[];
}

describe('messages of a helpdesk', () => {
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

  describe('messages', () => {
    it('of the visitor are stored once for each message_id, and leave in order', async () => {
      const ola = await bridge.operator(shop, 'ola');
      const { chat } = await start();
      const list = Array.from({ length: 50 }, (_, i) => ({ text: `line ${i}`, message_id: `m${i}` }));
      const sent = await bridge.call<Messages & { cursor: string }>(
        shop.key,
        'POST',
        `/api/v1/chats/${chat.id}/messages`,
        { messages: list },
      );
      expect(sent.status).to.equal(202);
      expect(sent.body.messages.map(({ number }) => number)).to.deep.equal(list.map((_, i) => i + 1));
      const again = await bridge.call<Messages>(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
        messages: list.slice(10, 20),
      });
      expect(again.body.messages.map(({ number }) => number)).to.deep.equal(list.slice(10, 20).map((_, i) => i + 11));
      expect((await messagesOf(chat.id)).map(({ text }) => text)).to.deep.equal(list.map(({ text }) => text));
      const bodies = (await bridge.sent()).filter((entry) => entry['to'] === ola.jid).map((entry) => entry['body']);
      expect(bodies.filter((body) => list.some(({ text }) => text === body))).to.deep.equal(
        list.map(({ text }) => text),
      );
      await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${ola.id}`);
    });

    it('with the same message_id at the same moment are one', async () => {
      const { chat } = await start();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          bridge.call<{ message: { number: number } }>(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
            text: 'once',
            message_id: 'same',
          }),
        ),
      );
      expect(answers.map(({ status, body }) => [status, body.message.number])).to.deep.equal(Array(8).fill([202, 1]));
      expect(await messagesOf(chat.id)).to.have.length(1);
    });

    it('written in the helpdesk’s pages are that operator’s, take a free chat, and are shown to its XMPP client', async () => {
      const eva = await bridge.operator(shop, 'eva');
      const max = await bridge.operator(shop, 'max');
      const { chat } = await start({ text: 'Anybody?' });
      const path = `/api/v1/chats/${chat.id}/messages`;
      const answer = await bridge.call(shop.key, 'POST', path, {
        sender: 'operator',
        operator_id: eva.id,
        text: 'Here I am',
        message_id: 'w1',
      });
      expect(answer.status).to.equal(202);
      const now = await bridge.call<{ chat: ChatJson }>(shop.key, 'GET', `/api/v1/chats/${chat.id}`);
      expect(now.body.chat).to.deep.include({ state: 'active' });
      expect(now.body.chat.operator?.id).to.equal(eva.id);
      const to = async (jid: string) =>
        (await bridge.sent()).filter((entry) => entry['to'] === jid).map((entry) => entry['body']);
      expect((await to(eva.jid)).at(-1)).to.equal(`[Chat ${chat.number}] Eva (web): Here I am`);
      expect((await to(max.jid)).at(-1)).to.equal(`[Chat ${chat.number}] Eva has taken this chat.`);
      await bridge.call(shop.key, 'POST', path, {
        sender: 'operator',
        author: 'Night shift',
        text: 'I can help too',
        message_id: 'w2',
      });
      await bridge.call(shop.key, 'POST', path, { sender: 'system', text: 'Order 17 was paid', message_id: 'w3' });
      expect((await to(eva.jid)).slice(-2)).to.deep.equal([
        `[Chat ${chat.number}] Night shift (web): I can help too`,
        `[Chat ${chat.number}] Order 17 was paid`,
      ]);
      const stored = await messagesOf(chat.id);
      const authors = ({ messages }: Messages) =>
        messages.map(({ sender, operator, author_name: name, origin }) => [
          sender,
          operator?.name ?? null,
          name,
          origin,
        ]);
      const expected = [
        ['visitor', null, null, 'helpdesk'],
        ['operator', 'Eva', 'Eva', 'helpdesk'],
        ['operator', null, 'Night shift', 'helpdesk'],
        ['system', null, null, 'helpdesk'],
      ];
      expect(authors({ messages: stored })).to.deep.equal(expected);
      const closed = await bridge.call<{ transcript: Messages }>(
        shop.key,
        'GET',
        `/api/v1/chats/${chat.id}/transcript`,
      );
      expect(authors(closed.body.transcript)).to.deep.equal(expected);
      for (const { id } of [eva, max]) await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${id}`);
    });

    it('are all refused when one of several is, and none is stored', async () => {
      const { chat } = await start();
      const bad = { text: 'x'.repeat(CHAT_LIMITS.messageBytes + 1), message_id: 'b' };
      const answer = await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
        messages: [{ text: 'good', message_id: 'a' }, bad],
      });
      expect([answer.status, answer.body['code']]).to.deep.equal([413, 'message_too_long']);
      expect(await messagesOf(chat.id)).to.deep.equal([]);
    });

    it('are refused in a full chat, a closed one, another instance’s, and by an operator who isn’t one of ours', async () => {
      const { chat } = await start();
      const path = `/api/v1/chats/${chat.id}/messages`;
      const fill = Array.from({ length: 10 }, (_, i) => ({ text: 'y'.repeat(2_000), message_id: `f${i}` }));
      expect((await bridge.call(shop.key, 'POST', path, { messages: fill })).status).to.equal(202);
      const stranger = await bridge.operator(other, 'zoe', 'offline');
      const tries: [string, unknown, number, string][] = [
        [shop.key, { text: 'more', message_id: 'full' }, 413, 'chat_full'],
        [other.key, { text: 'mine', message_id: 'o' }, 404, 'not_found'],
        [shop.key, { sender: 'operator', operator_id: stranger.id, text: 'hm', message_id: 's' }, 404, 'not_found'],
        [shop.key, { sender: 'visitor', operator_id: 1, text: 'hm', message_id: 's' }, 422, 'invalid_request'],
        [shop.key, { text: 'no id' }, 422, 'invalid_request'],
        [shop.key, { text: 'bad id', message_id: 'with space' }, 422, 'invalid_request'],
        [shop.key, { messages: [] }, 422, 'invalid_request'],
        [shop.key, { text: 'extra', message_id: 'e', priority: 1 }, 422, 'invalid_request'],
      ];
      for (const [key, body, status, code] of tries) {
        const answer = await bridge.call(key, 'POST', path, body);
        expect([answer.status, answer.body['code']], JSON.stringify(body)).to.deep.equal([status, code]);
      }
      await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/close`);
      const late = await bridge.call(shop.key, 'POST', path, { text: 'late', message_id: 'l' });
      expect([late.status, late.body['code']]).to.deep.equal([409, 'chat_closed']);
      const repeat = await bridge.call(shop.key, 'POST', path, { text: fill[0]?.text, message_id: 'f0' });
      expect(repeat.status, 'what was stored before is stored').to.equal(202);
    });
  });
});
