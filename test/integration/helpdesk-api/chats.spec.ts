import { expect } from 'chai';
import { until } from '../../support/until.js';
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

describe('chats of a helpdesk', () => {
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

  describe('beginning', () => {
    it('names the session and the accounts of both sides', async () => {
      const anna = await bridge.operator(shop, 'anna');
      const {
        chat,
        visitor_account: contact,
        operator_account: account,
        operators,
        message,
      } = await start({ text: 'Hello', message_id: 'm1' });
      expect(chat).to.include({ state: 'offered', last_number: 1 });
      expect(contact)
        .to.have.property('jid')
        .that.matches(/^visitor\.\d+@foyer\.localhost$/);
      expect(contact.state).to.equal('wanted');
      expect(account?.jid).to.equal(anna.jid);
      expect(operators.map(({ jid }) => jid)).to.deep.equal([anna.jid]);
      expect(message).to.include({ number: 1 });
      const stanza = (await bridge.sent()).find(
        (entry) => entry['kind'] === 'xmpp.message' && entry['body'] === 'Hello',
      );
      expect(stanza).to.include({ to: anna.jid, id: `foyer.${chat.id}.1.${anna.id}` });
      await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${anna.id}`);
    });

    it('gives a visitor without an id a contact for this chat alone', async () => {
      const { chat, visitor_account: contact } = await start({ visitor: { nick: 'Ben' } });
      expect(contact.jid).to.equal(`visitor.${chat.id}.chat@foyer.localhost`);
      expect(chat.state).to.equal('waiting');
    });

    it('goes on in the chat that is open', async () => {
      const visitor = { external_id: visitorId() };
      const first = await start({ visitor });
      const again = await bridge.call<Started>(shop.key, 'POST', '/api/v1/chats', {
        desk: 'main',
        visitor,
        text: 'still there?',
      });
      expect(again.status).to.equal(200);
      expect(again.body.chat).to.include({ id: first.chat.id, last_number: 1 });
    });

    it('waits for the visitor’s account where that is asked for', async () => {
      const begun = bridge.call<Started>(shop.key, 'POST', '/api/v1/chats?wait=true', {
        desk: 'main',
        visitor: { external_id: 'patient' },
      });
      const visitor = await until(
        async () =>
          (await bridge.query("SELECT visitors.account_id FROM visitors WHERE visitors.external_id = 'patient'"))[0],
      );
      await bridge.query("UPDATE accounts SET state = 'ready' WHERE id = ?", [visitor['account_id']]);
      expect((await begun).body.visitor_account.state).to.equal('ready');
    });

    it('is refused without a key, with a wrong one, a revoked one, an expired one, and one without the scope', async () => {
      const body = { desk: 'main', visitor: {} };
      for (const [key, status, code] of [
        [null, 401, 'unauthenticated'],
        ['fk_wrong', 401, 'unauthenticated'],
        [await bridge.key(shop.id, ['chats'], { revoked: true }), 401, 'unauthenticated'],
        [await bridge.key(shop.id, ['chats'], { expired: true }), 401, 'unauthenticated'],
        [await bridge.key(shop.id, ['visitors', 'desks']), 403, 'forbidden'],
      ] as const) {
        const answer = await bridge.call(key, 'POST', '/api/v1/chats', body);
        expect([answer.status, answer.body['code']]).to.deep.equal([status, code]);
        expect(answer.headers.get('content-type')).to.contain('application/problem+json');
      }
    });

    it('is refused for what the shape doesn’t allow, and nothing is stored', async () => {
      const before = (await bridge.query('SELECT COUNT(*) AS n FROM visitors'))[0]?.['n'] as number;
      const bodies: [unknown, number, string][] = [
        [{ desk: 'main', visitor: {}, colour: 'red' }, 422, 'invalid_request'],
        [{ desk: 'main', visitor: { external_id: 'x', shoe_size: 9 } }, 422, 'invalid_request'],
        [{ desk: 'main', visitor: { external_id: 'x'.repeat(191) } }, 422, 'invalid_request'],
        [{ desk: 'main', visitor: { external_id: '\ud800' } }, 422, 'invalid_request'],
        [{ desk: 'main', visitor: {}, text: 5 }, 422, 'invalid_request'],
        [
          { desk: 'main', visitor: { external_id: 'long' }, text: 'x'.repeat(CHAT_LIMITS.messageBytes + 1) },
          413,
          'message_too_long',
        ],
        [{ desk: 'main', visitor: { external_id: 'blank' }, text: '  \u0007 ' }, 422, 'invalid_request'],
        [{ desk: 'elsewhere', visitor: { external_id: 'lost' } }, 404, 'not_found'],
        ['{"desk":', 400, 'invalid_json'],
      ];
      for (const [body, status, code] of bodies) {
        const answer = await bridge.call(shop.key, 'POST', '/api/v1/chats', body);
        expect([answer.status, answer.body['code']], JSON.stringify(body).slice(0, 80)).to.deep.equal([status, code]);
      }
      const form = await bridge.call(shop.key, 'POST', '/api/v1/chats', 'desk=main', {
        'content-type': 'application/x-www-form-urlencoded',
      });
      expect(form.status).to.equal(415);
      expect((await bridge.query('SELECT COUNT(*) AS n FROM visitors'))[0]?.['n']).to.equal(before);
    });

    it('is refused while the desk is closed', async () => {
      const made = await bridge.call<{ desk: { id: number } }>(shop.key, 'POST', '/api/v1/desks', {
        key: 'night',
        name: 'Night',
        department: shop.department,
        state: 'inactive',
      });
      expect(made.status).to.equal(201);
      const answer = await bridge.call(shop.key, 'POST', '/api/v1/chats', {
        desk: 'night',
        visitor: { external_id: visitorId() },
      });
      expect([answer.status, answer.body['code']]).to.deep.equal([409, 'desk_inactive']);
    });
  });

  describe('closing', () => {
    it('answers with the chat and its transcript, tells the operator, and changes nothing the second time', async () => {
      const ida = await bridge.operator(shop, 'ida');
      const { chat } = await start({ text: 'Bye?' });
      await bridge.call(shop.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
        sender: 'operator',
        operator_id: ida.id,
        text: 'Bye!',
        message_id: 'b',
      });
      const closed = await bridge.call<{ chat: ChatJson & Json; transcript: Messages }>(
        shop.key,
        'POST',
        `/api/v1/chats/${chat.id}/close`,
        { by: 'visitor' },
      );
      expect(closed.body.chat).to.include({ state: 'closed', closed_by: 'visitor' });
      expect(closed.body.transcript.messages.map(({ text }) => text)).to.deep.equal(['Bye?', 'Bye!']);
      const again = await bridge.call<{ chat: ChatJson & Json }>(shop.key, 'POST', `/api/v1/chats/${chat.id}/close`);
      expect(again.body).to.deep.equal(closed.body);
      const told = (await bridge.sent()).filter(
        (entry) => entry['to'] === ida.jid && String(entry['body']).includes('ended the chat'),
      );
      expect(told).to.have.length(1);
      const transcript = await bridge.call(shop.key, 'GET', `/api/v1/chats/${chat.id}/transcript`);
      expect(transcript.body).to.deep.equal(closed.body);
      await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${ida.id}`);
    });

    it('is not another instance’s to do', async () => {
      const { chat } = await start();
      const answer = await bridge.call(other.key, 'POST', `/api/v1/chats/${chat.id}/close`);
      expect([answer.status, answer.body['code']]).to.deep.equal([404, 'not_found']);
      expect(
        (await bridge.call<{ chat: ChatJson }>(shop.key, 'GET', `/api/v1/chats/${chat.id}`)).body.chat.state,
      ).to.equal('waiting');
    });
  });
});
