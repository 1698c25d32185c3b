import { expect } from 'chai';
import { dispatchDepartment } from '../../../bridge/domain/queue/dispatch.js';
import { startBridge, type TestBridge } from './bridge.js';
import { ownedChats, type ChatJson, type Json, type Shop } from './owned-chats.js';

describe('a helpdesk that owns the chats', () => {
  let bridge: TestBridge;

  before(async () => {
    bridge = await startBridge();
  });
  after(() => bridge.stop());

  const { shop, begin, chatOf, assign, write, to, textsTo } = ownedChats(() => bridge);

  describe('says who has a chat', () => {
    it('and an operator hears who took it, without a message and whatever room there is', async () => {
      const here = await shop();
      const [ann, bob] = [await bridge.operator(here, 'ann'), await bridge.operator(here, 'bob')];
      await bridge.call(here.key, 'PATCH', `/api/v1/operators/${bob.id}`, { max_chats: 1 });
      const [first, chat] = [await begin(here), await begin(here)];
      await assign(here, first.id, { operator: bob.id });
      const given = await assign(here, chat.id, { operator: bob.id, by: 'Grace', note: 'Be kind' });
      expect(given.body.chat).to.deep.include({ state: 'active', held_by: null });
      expect(given.body.chat.operator?.id).to.equal(bob.id);
      expect((await textsTo(ann.jid)).at(-1)).to.match(/^\[Chat \d+\] Bob has taken this chat in the helpdesk\.$/);
      const lines = (await textsTo(bob.jid)).at(-1);
      expect(lines).to.match(/Grace has handed over Visitor \d+\. The last lines:\nBe kind\nVisitor \d+: Hello$/);
      const before = (await bridge.sent()).length;
      expect((await assign(here, chat.id, { operator: bob.id, by: 'Grace' })).status).to.equal(200);
      expect((await bridge.sent()).length, 'the same again says nothing').to.equal(before);
      await assign(here, chat.id, { operator: ann.id });
      expect((await textsTo(ann.jid)).at(-1)).to.contain('You have taken');
      expect((await textsTo(bob.jid)).at(-1)).to.contain('Ann has taken this chat in the helpdesk.');
      await write(bob.jid, chat.contact, 'Still mine?');
      expect((await textsTo(bob.jid)).at(-1)).to.contain('Ann has this chat.');
    });

    it('and where it is somebody who is no operator nobody else may answer, until it is given on', async () => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      const chat = await begin(here);
      const { body } = await assign(here, chat.id, { holder: 'Grace' });
      expect(body.chat).to.deep.include({ state: 'active', operator: null, held_by: 'Grace' });
      expect((await textsTo(ann.jid)).at(-1)).to.contain('Grace has taken this chat in the helpdesk.');
      await write(ann.jid, chat.contact, 'Let me');
      expect((await textsTo(ann.jid)).at(-1)).to.contain('Grace has this chat. Your message was not sent.');
      await write(ann.jid, chat.contact, '!accept');
      expect((await textsTo(ann.jid)).at(-1)).to.contain('Grace has chat');
      await bridge.call(here.key, 'POST', `/api/v1/chats/${chat.id}/messages`, { text: 'Hm', message_id: 'm2' });
      expect(await chatOf(here, chat.id), 'it isn’t offered again').to.deep.include({ held_by: 'Grace' });
      expect((await textsTo(ann.jid)).at(-1)).to.contain('Grace has chat');
      await bridge.call(here.key, 'POST', `/api/v1/chats/${chat.id}/transfer`, {
        ...{ department: here.department, author: 'Grace' },
      });
      expect(await chatOf(here, chat.id)).to.deep.include({ state: 'offered', held_by: null });
      await write(ann.jid, chat.contact, 'Now I');
      expect((await chatOf(here, chat.id)).operator?.id).to.equal(ann.id);
    });

    it('and one that was held before its first word is offered to nobody', async () => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      const { body } = await bridge.call<{ chat: ChatJson }>(here.key, 'POST', '/api/v1/chats', {
        ...{ desk: 'main', visitor: {} },
      });
      await assign(here, body.chat.id, { holder: 'Grace' });
      await bridge.call(here.key, 'POST', `/api/v1/chats/${body.chat.id}/messages`, { text: 'Hm', message_id: 'm1' });
      expect(await chatOf(here, body.chat.id)).to.deep.include({ state: 'active', held_by: 'Grace' });
      expect(await to(ann.jid)).to.deep.equal([]);
    });

    it('but not of one that is over, or is an invitation', async () => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      const chat = await begin(here);
      await bridge.call(here.key, 'POST', `/api/v1/chats/${chat.id}/close`);
      expect((await assign(here, chat.id, { operator: ann.id })).body.code).to.equal('chat_closed');
      await bridge.call(here.key, 'PUT', '/api/v1/visitors/v1/presence', { desk: 'main' });
      const around = await bridge.call<{ account: { jid: string } }>(here.key, 'GET', '/api/v1/visitors/v1');
      await write(ann.jid, around.body.account.jid, 'Can I help?');
      const [invitation] = await bridge.query(
        "SELECT chats.id FROM chats WHERE chats.instance_id = ? AND chats.state = 'invited'",
        [here.id],
      );
      expect((await assign(here, Number(invitation?.['id']), { holder: 'Grace' })).body.code).to.equal('conflict');
      expect((await assign(here, chat.id, { operator: ann.id, holder: 'Grace' })).status).to.equal(422);
    });
  });

  describe('says who is logged in at its pages', () => {
    const webPresence = ({ key }: Shop, id: number, online: boolean) =>
      bridge.call<{ operator: { presence: { web: boolean; show: string } } }>(
        key,
        'PUT',
        `/api/v1/operators/${id}/web-presence`,
        { online },
      );
    const dispatch = ({ department, id }: Shop) =>
      bridge.transactions.alone(async (tx) => {
        const found = await tx.desks.department(id, department);
        if (found) await dispatchDepartment(tx, found);
      });
    const goneFor = (operator: number, columns: string) =>
      bridge.query(`UPDATE operator_presence SET ${columns} WHERE operator_id = ?`, [operator]);

    it('beside the XMPP client: neither undoes the other', async () => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      expect((await webPresence(here, ann.id, true)).body.operator.presence).to.deep.include({
        ...{ web: true, show: 'available' },
      });
      expect((await webPresence(here, ann.id, false)).body.operator.presence).to.deep.include({
        ...{ web: false, show: 'available' },
      });
      const never = await bridge.operator(here, 'never', 'offline');
      expect((await webPresence(here, never.id, true)).body.operator.presence).to.deep.include({
        ...{ web: true, show: 'offline' },
      });
    });

    it('who keep their chats while their client is gone, and lose them a grace after both are', async () => {
      const here = await shop();
      const ann = await bridge.operator(here, 'ann');
      const chat = await begin(here);
      await assign(here, chat.id, { operator: ann.id });
      await webPresence(here, ann.id, true);
      await bridge.query('UPDATE chats SET accepted_at = NOW(3) - INTERVAL 3 HOUR WHERE id = ?', [chat.id]);
      await goneFor(ann.id, "show_state = 'offline', offline_since = NOW(3) - INTERVAL 2 HOUR");
      await dispatch(here);
      expect((await chatOf(here, chat.id)).operator?.id).to.equal(ann.id);
      await goneFor(ann.id, 'web_until = NOW(3) - INTERVAL 1 HOUR');
      await dispatch(here);
      expect(await chatOf(here, chat.id)).to.deep.include({ state: 'waiting', operator: null });
    });

    it('who have what is transferred to them at once, since nobody would read the question', async () => {
      const here = await shop();
      const [ann, gil] = [await bridge.operator(here, 'ann'), await bridge.operator(here, 'gil', 'offline')];
      const chat = await begin(here);
      await write(ann.jid, chat.contact, 'Hi');
      await write(ann.jid, chat.contact, '!transfer Gil please');
      expect((await textsTo(ann.jid)).at(-1)).to.contain('Gil is not there.');
      await webPresence(here, gil.id, true);
      await write(ann.jid, chat.contact, '!transfer Gil please');
      expect((await chatOf(here, chat.id)).operator?.id).to.equal(gil.id);
      expect((await textsTo(ann.jid)).at(-1)).to.contain('Gil has chat');
    });
  });

  it('shows who is typing, and what, in the owner’s window', async () => {
    const here = await shop();
    const ann = await bridge.operator(here, 'ann');
    const gil = await bridge.operator(here, 'gil', 'offline');
    const chat = await begin(here);
    await write(ann.jid, chat.contact, 'Hi');
    const type = (body: Json) => bridge.call(here.key, 'POST', `/api/v1/chats/${chat.id}/typing`, body);
    expect((await type({ typing: true, text: `Wait\u0000${'x'.repeat(2_000)}` })).status).to.equal(204);
    expect((await type({ typing: true, sender: 'operator', operator_id: gil.id })).status).to.equal(204);
    expect((await type({ typing: true, sender: 'operator', operator_id: ann.id })).status).to.equal(204);
    expect((await type({ typing: false, sender: 'operator', author: 'Grace' })).status).to.equal(204);
    expect((await type({ typing: true, sender: 'operator', text: 'no' })).status).to.equal(422);
    const states = (await to(ann.jid)).filter(({ kind }) => kind === 'xmpp.chat-state');
    expect(states.map(({ state, preview }) => [state, preview])).to.deep.equal([
      ['composing', `Wait${'x'.repeat(996)}`],
      ['composing', undefined],
      ['paused', undefined],
    ]);
    const feed = await bridge.call<{ events: { kind: string; data: Json }[] }>(
      ...([here.key, 'GET', `/api/v1/chats/${chat.id}/events`] as const),
    );
    expect(feed.body.events.filter(({ kind }) => kind === 'typing').map(({ data }) => data['name'])).to.deep.equal([
      ...['Gil', 'Ann', 'Grace'],
    ]);
  });

  it('renames a visitor who is on no page', async () => {
    const here = await shop();
    const ann = await bridge.operator(here, 'ann');
    const chat = await begin(here);
    const { body } = await bridge.call<{ chat: ChatJson }>(here.key, 'PATCH', `/api/v1/chats/${chat.id}/visitor`, {
      nick: 'Vera',
      email: 'vera@example.org',
    });
    expect(body.chat.visitor.nick).to.equal('Vera');
    expect((await textsTo(ann.jid)).at(-1)).to.contain('The visitor is called Vera now.');
    const [account] = await bridge.query('SELECT accounts.name FROM accounts WHERE accounts.local = ?', [
      chat.contact.slice(0, chat.contact.indexOf('@')),
    ]);
    expect(account?.['name']).to.equal('Vera');
  });
});
