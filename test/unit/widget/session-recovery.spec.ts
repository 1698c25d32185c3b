import { expect } from 'chai';
import { ApiError } from '../../../bridge/widget/core/api.js';
import { own, withSession } from './build-session.js';
import { buildChat, buildMessage, messageEvent } from './fake-bridge.js';

describe('widget: the session after a failure', () => {
  it('takes a text for sent when the bridge turns out to have it, though it refuses the repeat', async () => {
    const { timers, bridge, record, session, texts } = await withSession(buildChat());
    session.send('hello');
    record.messages = [own(1, 'id 1', { text: 'hello' })];
    record.chat = buildChat({ state: 'closed', last_number: 1 });
    bridge.waiting('chats/7/messages')[0]?.refuse(409, 'chat_closed');
    await timers.settle();
    expect(texts()).to.deep.equal(['hello']);
    expect(session.picture().unsent).to.deep.equal([]);
    session.listen(false);
  });

  it('reads the chat again when the bridge says reset', async () => {
    const { timers, record, stream, texts, session } = await withSession(buildChat({ last_number: 1 }), [
      buildMessage(1),
    ]);
    record.messages = [1, 2, 3].map((number) => buildMessage(number));
    stream().send({ cursor: '7.9', chat: 7, kind: 'reset', data: {} });
    await timers.settle();
    expect(texts()).to.have.length(3);
    expect(stream().cursor).to.equal('7.3');
    session.listen(false);
  });

  it('reads what is missing when no event brings it', async () => {
    const { timers, record, stream, texts, session } = await withSession(buildChat({ last_number: 1 }), [
      buildMessage(1),
    ]);
    record.messages = [1, 2, 3].map((number) => buildMessage(number));
    stream().send(messageEvent(3, buildMessage(3)));
    await timers.pass(2400);
    expect(texts()).to.have.length(2);
    await timers.pass(200);
    expect(texts()).to.have.length(3);
    session.listen(false);
  });

  it('asks once for a number that doesn’t exist', async () => {
    const { timers, bridge, stream, session } = await withSession(buildChat({ last_number: 1 }), [buildMessage(1)]);
    const paths: string[] = [];
    const auto = bridge.auto;
    bridge.auto = (path, body) => (paths.push(path), auto(path, body));
    stream().send(messageEvent(3, buildMessage(3)));
    await timers.pass(20_000);
    expect(paths.filter((path) => path.startsWith('chats/7?'))).to.have.length(1);
    session.listen(false);
  });

  it('speaks of a lost connection only when it lasts', async () => {
    const { timers, bridge, stream, session } = await withSession(buildChat());
    await timers.pass(5000);
    bridge.streaming = 'unreachable';
    stream().end();
    await timers.pass(3000);
    expect(session.picture().trouble).to.equal(false);
    await timers.pass(1000);
    expect(session.picture().trouble).to.equal(true);
    bridge.streaming = 'open';
    session.wake(false);
    await timers.settle();
    expect(session.picture().trouble).to.equal(false);
    session.listen(false);
  });

  it('sends what is waiting as soon as the bridge is heard again', async () => {
    const { timers, bridge, session } = await withSession(buildChat());
    session.send('hello');
    for (let i = 0; i < 6; i += 1) {
      bridge.waiting('chats/7/messages')[0]?.refuse(0, 'network');
      await timers.pass(30_000);
    }
    bridge.waiting('chats/7/messages')[0]?.refuse(0, 'network');
    await timers.settle();
    expect(bridge.waiting('chats/7/messages')).to.have.length(0);
    session.wake(false);
    await timers.settle();
    expect(bridge.waiting('chats/7/messages')).to.have.length(1);
    session.listen(false);
  });

  it('keeps the text and begins a new chat when the bridge knows the visitor no more', async () => {
    const { timers, bridge, session, renewals, stream } = await withSession(buildChat());
    session.send('hello');
    bridge.waiting('chats/7/messages')[0]?.refuse(401, 'token_invalid');
    session.forget();
    await timers.pass(0);
    expect(renewals()).to.equal(1);
    expect(session.picture().chat).to.include({ state: 'closed' });
    expect(bridge.waiting('chats')[0]?.body).to.deep.include({ text: 'hello', client_message_id: 'id 1' });
    expect(stream().cursor).to.equal(undefined);
    session.listen(false);
  });

  it('tries until it can read the chat, and at once when the network is back', async () => {
    const { timers, bridge, session } = await withSession(null, [], false);
    bridge.auto = (path) => (path.startsWith('chats/7?') ? new ApiError(0, 'network') : undefined);
    session.start(buildChat(), [], true);
    await timers.pass(60_000);
    expect(session.picture().trouble).to.equal(true);
    bridge.auto = () => ({ chat: buildChat(), messages: [buildMessage(1)], more: false, cursor: '7.1' });
    session.wake(false);
    await timers.settle();
    expect(session.picture().messages).to.have.length(1);
    session.listen(false);
  });
});
