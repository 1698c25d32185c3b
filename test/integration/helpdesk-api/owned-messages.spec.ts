import { expect } from 'chai';
import { until } from '../../support/until.js';
import { CHAT_LIMITS, startBridge, type TestBridge } from './bridge.js';
import { ownedChats, type Json, type MessageJson } from './owned-chats.js';
import { startReceiver } from './receiver.js';

describe('a helpdesk that owns the messages', () => {
  let bridge: TestBridge;

  before(async () => {
    bridge = await startBridge();
  });
  after(() => bridge.stop());

  const { shop, begin, chatOf, messagesOf, write, to, textsTo } = ownedChats(() => bridge);

  describe('changes what stands in the record', () => {
    it('and the operator’s client shows the new text in place of the old', async () => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      const chat = await begin(here);
      await write(ann.jid, chat.contact, 'Helo');
      await bridge.call(here.key, 'POST', `/api/v1/chats/${chat.id}/messages`, {
        ...{ sender: 'operator', author: 'Grace', text: 'me to', message_id: 'w1' },
      });
      const edit = (number: number, text: string) =>
        bridge.call<{ message: MessageJson }>(here.key, 'PATCH', `/api/v1/chats/${chat.id}/messages/${number}`, {
          text,
        });
      const original = (await to(ann.jid)).find(({ body }) => body === 'Hello')?.['id'];
      const web = (await to(ann.jid)).find(({ body }) => (body as string | undefined)?.endsWith('me to'))?.['id'];
      expect((await edit(1, 'Hello!')).body.message).to.deep.include({ text: 'Hello!', deleted_at: null });
      expect((await to(ann.jid)).at(-1)).to.deep.include({ body: 'Hello!', replaces: original });
      await edit(3, 'me too');
      const last = (await to(ann.jid)).at(-1);
      expect(last?.['body']).to.match(/^\[Chat \d+\] Grace \(web\): me too$/);
      expect(last?.['replaces']).to.equal(web);
      await edit(2, 'Hello, I am Ann');
      expect((await textsTo(ann.jid)).at(-1)).to.contain('A message of yours was changed in the helpdesk: Hello, I am');
      expect((await messagesOf(here, chat.id))[0]?.versions?.map(({ text }) => text)).to.deep.equal(['Hello']);
      expect((await edit(9, 'none')).status).to.equal(404);
      expect((await edit(1, 'x'.repeat(CHAT_LIMITS.messageBytes + 1))).status).to.equal(413);
    });

    it('and words that were deleted are nowhere any more', async () => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      const chat = await begin(here);
      await write(ann.jid, chat.contact, 'Hi');
      const path = `/api/v1/chats/${chat.id}/messages/1`;
      await bridge.call(here.key, 'PATCH', path, { text: 'My card is 4111' });
      await bridge.call(here.key, 'PATCH', path, { text: 'My card' });
      const original = (await to(ann.jid)).find(({ body }) => body === 'Hello')?.['id'];
      const gone = await bridge.call<{ message: MessageJson }>(here.key, 'DELETE', path);
      expect(gone.body.message.text).to.equal('');
      expect(gone.body.message.deleted_at).to.be.a('string');
      expect((await to(ann.jid)).at(-1)).to.deep.include({ kind: 'xmpp.message', retracts: original });
      const count = (await bridge.sent()).length;
      expect((await bridge.call(here.key, 'DELETE', path)).status).to.equal(200);
      expect((await bridge.sent()).length, 'once').to.equal(count);
      expect((await bridge.call(here.key, 'PATCH', path, { text: 'back' })).status).to.equal(409);
      await bridge.call(here.key, 'POST', `/api/v1/chats/${chat.id}/close`);
      await bridge.call(here.key, 'DELETE', `/api/v1/chats/${chat.id}/messages/2`);
      for (const table of ['messages', 'message_versions', 'chat_texts'])
        expect(JSON.stringify(await bridge.query(`SELECT * FROM ${table} WHERE chat_id = ?`, [chat.id]))).not.to.match(
          /4111|Hi"/,
        );
    });
  });

  it('tells how far an operator’s message has come with the visitor', async () => {
    const here = await shop();
    const ann = await bridge.operator(here, 'ann');
    const chat = await begin(here);
    await write(ann.jid, chat.contact, 'Hi');
    await write(ann.jid, chat.contact, 'You there?');
    const mark = (what: string, number: number) =>
      bridge.call(here.key, 'POST', `/api/v1/chats/${chat.id}/${what}`, { number });
    const states = async () => (await messagesOf(here, chat.id)).slice(1).map(({ state }) => state);
    await mark('delivered', 2);
    expect(await states()).to.deep.equal(['delivered', 'stored']);
    await mark('seen', 2);
    await mark('delivered', 3);
    expect(await states()).to.deep.equal(['seen', 'delivered']);
    expect((await to(ann.jid)).filter(({ kind }) => kind === 'xmpp.displayed').length).to.equal(1);
  });

  describe('refuses an operator’s message', () => {
    const refuse = async (status: number, problem: Json | string) => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      const receiver = await startReceiver();
      await bridge.call(here.key, 'PUT', '/api/v1/instance/callback', { url: receiver.url });
      const chat = await begin(here);
      const delivery = bridge.deliver();
      receiver.answer = (response) => {
        const refused = receiver.received.at(-1)?.body.type === 'operator.message';
        response.writeHead(refused ? status : 200).end(refused ? JSON.stringify(problem) : '');
      };
      await write(ann.jid, chat.contact, 'Too late?');
      const tries = () => receiver.received.filter(({ body }) => body.type === 'operator.message').length;
      return {
        ...{ here, ann, chat, tries },
        stop: async () => {
          await delivery.stop();
          await receiver.stop();
        },
      };
    };

    for (const [status, problem, notice, state] of [
      [409, { code: 'chat_closed' }, 'The chat is closed in the helpdesk. Your message was not sent.', 'closed'],
      [409, { code: 'chat_taken' }, 'Somebody else has this chat in the helpdesk.', 'active'],
      [422, { code: 'too_rude', detail: 'Mind\nyour words.' }, 'It was not sent. Mind your words.', 'active'],
      [410, '', 'The helpdesk did not take your message.', 'active'],
    ] as [number, Json | string, string, string][]) {
      it(`with ${status} ${JSON.stringify(problem)}: its author is told, once, and it isn’t tried again`, async () => {
        const { here, ann, chat, tries, stop } = await refuse(status, problem);
        try {
          const told = await until(
            async () => (await textsTo(ann.jid)).find((text) => text.includes(notice)),
            'the notice',
          );
          expect(told).to.match(/\n> Too late\?$/);
          await until(
            async () =>
              (await bridge.query('SELECT id FROM dead_letters WHERE dead_letters.instance_id = ?', [here.id])).length,
            'the dead letter',
          );
          expect(tries()).to.equal(1);
          expect(await chatOf(here, chat.id)).to.deep.include({ state });
          expect((await messagesOf(here, chat.id)).at(-1)?.state).to.equal('failed');
        } finally {
          await stop();
        }
      });
    }

    it('with 409 and no code: that may be anybody’s, and is tried again', async () => {
      const { here, ann, tries, stop } = await refuse(409, 'Conflict');
      try {
        await until(() => tries() === 2, 'the second try');
        expect((await textsTo(ann.jid)).filter((text) => text.includes('not sent'))).to.deep.equal([]);
        expect(await bridge.query('SELECT id FROM dead_letters WHERE instance_id = ?', [here.id])).to.deep.equal([]);
      } finally {
        await stop();
      }
    });
  });
});
