import { expect } from 'chai';
import type { ApiError } from '../../../bridge/widget/core/api.js';
import { own, page, withSession } from './build-session.js';
import { buildChat, buildMessage, chatEvent, messageEvent } from './fake-bridge.js';

describe('widget: the session', () => {
  it('shows the chat as the bridge has it and listens from there', async () => {
    const { texts, stream, session } = await withSession(buildChat({ last_number: 2 }), [own(1, 'x'), buildMessage(2)]);
    expect(texts()).to.deep.equal(['text 1', 'text 2']);
    expect(stream().cursor).to.equal('7.2');
    session.listen(false);
  });

  it('reads a long chat in parts and listens from the first part’s cursor', async () => {
    const { timers, bridge, texts, stream, session } = await withSession(null, [], false);
    const chat = buildChat({ last_number: 3 });
    bridge.auto = (path) => {
      const after = Number(path.split('=')[1]);
      return (
        path.startsWith('chats/7?') && {
          chat,
          messages: [buildMessage(after + 1)],
          more: after < 2,
          cursor: `7.${after + 3}`,
        }
      );
    };
    session.start(chat, [], true);
    await timers.settle();
    expect(texts()).to.have.length(3);
    expect(stream().cursor).to.equal('7.3');
    session.listen(false);
  });

  it('begins a chat with the first text, and sends those typed meanwhile into it', async () => {
    const { timers, bridge, told, session, texts } = await withSession(null);
    session.send('one');
    session.send('two');
    const [begin] = bridge.waiting('chats');
    expect(begin?.body).to.deep.include({ desk: 'main', text: 'one', client_message_id: 'id 1', page });
    begin?.answer({ chat: buildChat({ last_number: 1 }), message: own(1, 'id 1', { text: 'one' }) });
    await timers.settle();
    const [next] = bridge.waiting('chats/7/messages');
    expect(next?.body).to.deep.equal({ messages: [{ client_message_id: 'id 2', text: 'two' }] });
    next?.answer({ messages: [own(2, 'id 2', { text: 'two' })], cursor: '7.3' });
    await timers.settle();
    expect(texts()).to.deep.equal(['one', 'two']);
    expect(session.picture().unsent).to.deep.equal([]);
    expect(told.filter(({ type }) => type === 'drop')).to.have.length(2);
    session.listen(false);
  });

  it('shows an own message once when the event overtakes the answer', async () => {
    const { timers, bridge, stream, session } = await withSession(buildChat());
    session.send('hello');
    stream().send(messageEvent(1, own(1, 'id 1', { text: 'hello' })));
    await timers.settle();
    expect(session.picture().messages).to.have.length(1);
    expect(session.picture().unsent).to.deep.equal([]);
    bridge.waiting('chats/7/messages')[0]?.answer({ messages: [own(1, 'id 1', { text: 'hello' })] });
    await timers.settle();
    expect(session.picture().messages).to.have.length(1);
    session.listen(false);
  });

  it('shows a chat that appears, such as an invitation, and leaves a closed one in place', async () => {
    const { timers, record, stream, session, texts } = await withSession(null);
    record.chat = buildChat({ id: 9, state: 'invited', last_number: 1 });
    record.messages = [buildMessage(1, { text: 'Can I help?' })];
    stream().send(chatEvent(1, record.chat));
    await timers.settle();
    expect(texts()).to.deep.equal(['Can I help?']);
    stream().send(chatEvent(2, buildChat({ id: 9, state: 'closed' })));
    stream().send(chatEvent(5, buildChat({ id: 3, state: 'closed' })));
    await timers.settle();
    expect(session.picture().chat).to.include({ id: 9, state: 'closed' });
    session.listen(false);
  });

  it('doesn’t bring back the old chat once the visitor has begun to write another', async () => {
    const { timers, stream, session } = await withSession(
      buildChat({ state: 'closed', closed_at: '2026-11-21T09:59:00.000Z' }),
    );
    session.renewChat();
    await timers.settle();
    stream().send(chatEvent(0, buildChat({ state: 'closed' })));
    stream().send({ cursor: '7.8', chat: 7, kind: 'states', data: { states: [{ from: 1, to: 1, state: 'seen' }] } });
    await timers.settle();
    expect(session.picture().chat).to.equal(null);
    session.listen(false);
  });

  it('counts what the visitor hasn’t seen, and says so when the window shows it', async () => {
    const { timers, bridge, told, stream, unread, session } = await withSession(buildChat());
    stream().send(messageEvent(1, buildMessage(1)));
    stream().send(messageEvent(2, buildMessage(2)));
    await timers.settle();
    expect(unread()).to.equal(2);
    session.watch(true);
    expect(unread()).to.equal(0);
    expect(bridge.waiting('chats/7/seen')[0]?.body).to.deep.equal({ number: 2 });
    expect(told).to.deep.include({ type: 'seen', chat: 7, number: 2 });
    session.listen(false);
  });

  it('says again what was seen until the bridge knows', async () => {
    const { timers, bridge, stream, session } = await withSession(buildChat());
    session.watch(true);
    stream().send(messageEvent(1, buildMessage(1)));
    await timers.settle();
    bridge.waiting('chats/7/seen')[0]?.refuse(0, 'network');
    await timers.pass(1000);
    expect(bridge.waiting('chats/7/seen')).to.have.length(1);
    session.listen(false);
  });

  it('forgets what another tab has shown', async () => {
    const { timers, stream, unread, session } = await withSession(buildChat());
    stream().send(messageEvent(1, buildMessage(1)));
    await timers.settle();
    session.seenElsewhere(8, 1);
    expect(unread()).to.equal(1);
    session.seenElsewhere(7, 1);
    expect(unread()).to.equal(0);
    session.listen(false);
  });

  it('shows that the operator types until a message comes, or for 45 s', async () => {
    const { timers, stream, session } = await withSession(buildChat());
    const types = async (typing: boolean): Promise<void> => {
      stream().send({ cursor: '7.1', chat: 7, kind: 'typing', data: { typing, name: 'Anna' } });
      await timers.settle();
    };
    await types(true);
    expect(session.picture().typing).to.equal('Anna');
    stream().send(messageEvent(1, buildMessage(1)));
    await timers.settle();
    expect(session.picture().typing).to.equal(null);
    await types(true);
    await types(false);
    expect(session.picture().typing).to.equal(null);
    await types(true);
    for (let i = 0; i < 5; i += 1) {
      await timers.pass(9200);
      stream().write(': still here\n\n');
    }
    expect(session.picture().typing).to.equal(null);
    session.listen(false);
  });

  it('ends the chat, and says when the bridge could not be told', async () => {
    const { timers, bridge, session } = await withSession(buildChat());
    const failing = session.end();
    bridge.waiting('chats/7/close')[0]?.refuse(0, 'network');
    expect(await failing.catch((error: ApiError) => error.code)).to.equal('network');
    const ending = session.end();
    bridge.waiting('chats/7/close')[0]?.answer({ chat: buildChat({ state: 'closed' }) });
    await ending;
    await timers.settle();
    expect(session.picture().chat).to.include({ state: 'closed' });
    session.listen(false);
  });
});
