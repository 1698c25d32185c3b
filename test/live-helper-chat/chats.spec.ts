import { xml } from '@xmpp/client';
import { expect } from 'chai';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { Stand } from './support/stand.js';
import type { Visitor } from './support/visitor.js';

describe('A real Live Helper Chat: chats', () => {
  let stand: Stand;
  let ada: OperatorClient;

  before(async function () {
    this.timeout(180_000);
    stand = await Stand.start();
    ada = await stand.client('ada', await stand.account(1, 'ada'));
  });

  after(async () => stand.stop());
  afterEach(async () => expect(await stand.site.complaints()).to.deep.equal([]));

  const hears = async (from: string, words: string) =>
    until(
      () => ada.texts(from).find((text) => text.includes(words)),
      `Ada hearing “${words}”; she heard ${ada.texts(from).join(' | ')}`,
    );
  const chat = (id: number) => stand.site.row<Record<string, unknown>>('SELECT * FROM lh_chat WHERE id = ?', [id]);
  const stored = (id: number, words: string) =>
    until(async () => (await stand.site.said(id)).some(([, text]) => text === words), `“${words}” in the table`);

  /** A visitor who has begun a chat that Ada was told of. */
  async function begun(text: string): Promise<{ visitor: Visitor; id: number; from: string }> {
    const visitor = stand.site.visitor();
    await visitor.view('/shoes');
    const id = await visitor.start(text, { nick: 'Vera' });
    const from = await stand.contactOf(visitor);
    await hears(from, text);
    return { visitor, id, from };
  }

  it('brings the visitor’s words by widget and REST, and the operator’s answer into the table', async () => {
    const { visitor, id, from } = await begun('Hello, is anybody there?');
    expect(await visitor.say('By the widget')).to.equal(true);
    await visitor.sayByRest('By REST');
    await hears(from, 'By REST');
    await ada.say(from, 'Hi Vera');
    await stored(id, 'Hi Vera');
    expect(ada.texts(from)).to.deep.equal(['Hello, is anybody there?', 'By the widget', 'By REST']);
    expect(await stand.site.said(id)).to.deep.equal([
      [0, 'Hello, is anybody there?'],
      [0, 'By the widget'],
      [0, 'By REST'],
      [-1, 'Ada Min has accepted the chat!'],
      [1, 'Hi Vera'],
    ]);
    const { status, status_sub, user_id, nick, has_unread_op_messages, wait_time, last_msg_id } = await chat(id);
    expect({ status, status_sub, user_id, nick, has_unread_op_messages }).to.deep.equal({
      ...{ status: 1, status_sub: 1, user_id: 1, nick: 'Vera', has_unread_op_messages: 1 },
    });
    expect(wait_time).to.be.greaterThan(0);
    const last = await stand.site.row(
      'SELECT MAX(id) AS id, MAX(del_st) AS state FROM lh_msg WHERE chat_id = ? AND user_id = 1',
      [id],
    );
    expect(last).to.deep.equal({ id: last_msg_id, state: 1 });
    const [counters] = await stand.site.rows('SELECT active_chats, pending_chats FROM lh_userdep WHERE user_id = 1');
    expect(counters).to.deep.include({ active_chats: 1, pending_chats: 0 });
    expect(await visitor.fetch()).to.include('Hi Vera');
  });

  it('begins a chat without words, and one by the REST API', async () => {
    const visitor = stand.site.visitor();
    await visitor.view('/belts');
    const from = await stand.contactOf(visitor);
    const id = await visitor.start(undefined, { nick: 'Wanda' });
    await until(
      async () =>
        (await stand.bridgeRows('SELECT id FROM chats WHERE visitor_id = ?', [from.split(/[.@]/)[1]])).length === 1,
      'the chat at the bridge',
    );
    await ada.say(from, 'What can I do for you?');
    await stored(id, 'What can I do for you?');
    const fields = { Username: 'Rita', Question: 'Begun by REST', DepartamentID: 1 };
    await stand.site.rest('POST', 'chat', { department: [1], fields, ignore_required: true }, true);
    await until(() => ada.texts().includes('Begun by REST'), 'the chat by REST');
  });

  it('shows an operator’s words in the web interface and by REST once, as such, and doesn’t send them back', async () => {
    const { visitor, id, from } = await begun('A question for the web');
    await ada.say(from, 'First by XMPP');
    await stored(id, 'First by XMPP');
    const web = await stand.site.backOffice();
    expect(await web.ask(`chat/addmsgadmin/${id}`, { msg: 'From the web' })).to.include({ error: 'false' });
    await hears(from, 'From the web');
    await stand.site.rest('POST', 'addmsgadmin', { chat_id: id, msg: 'From REST', sender: 'operator' });
    await hears(from, 'From REST');
    await web.ask(`chat/addmsgadmin/${id}`, { msg: 'Only for us', whisper: '1' });
    await hears(from, 'Only for us');
    await visitor.say('Thanks');
    await hears(from, 'Thanks');
    expect(ada.texts(from).map((text) => text.replace(/^\[Chat \d+\] /, ''))).to.deep.equal([
      'A question for the web',
      'Ada Min (web): From the web',
      'Ada Min (web): From REST',
      'Ada Min (not to the visitor): Only for us',
      'Thanks',
    ]);
    const words = (await stand.site.said(id)).filter(([who]) => who !== -1);
    expect(words.map(([, text]) => text)).to.deep.equal([
      ...['A question for the web', 'First by XMPP', 'From the web', 'From REST', 'Only for us', 'Thanks'],
    ]);
  });

  it('keeps an operator’s commands words', async () => {
    const { id, from } = await begun('No commands please');
    await ada.say(from, '!!close it');
    await stored(id, '\u200b!close it');
    expect(await chat(id)).to.include({ status: 1 });
  });

  it('marks what was delivered and read, both ways', async () => {
    const { visitor, id, from } = await begun('Did you get this?');
    const [words] = ada.received.filter((one) => one.getChildText('body') === 'Did you get this?');
    const states = () =>
      stand.site.rows<{ del_st: number }>(
        'SELECT user_id, del_st FROM lh_msg WHERE chat_id = ? AND user_id >= 0 ORDER BY id',
        [id],
      );
    const mark = (name: string, xmlns: string) =>
      ada.send(xml('message', { to: from, type: 'chat' }, xml(name, { xmlns, id: words?.attrs['id'] ?? '' })));
    await mark('received', 'urn:xmpp:receipts');
    await until(async () => (await states())[0]?.del_st === 2, 'the visitor’s words delivered');
    await mark('displayed', 'urn:xmpp:chat-markers:0');
    await until(async () => (await states())[0]?.del_st === 3, 'the visitor’s words read');
    await ada.say(from, 'Yes', { id: 'the-answer', receipt: true, markable: true });
    await stored(id, 'Yes');
    await visitor.fetch(false);
    expect((await states())[1]?.del_st).to.equal(2);
    await visitor.fetch(true);
    const read = await ada.expect(
      'that the visitor has read it',
      (one) => one.getChild('displayed')?.attrs['id'] === 'the-answer',
    );
    expect(read.attrs['from']).to.match(new RegExp(`^${from}`));
  });

  it('tells the operator that a chat is closed, and takes no words into it', async () => {
    const { id, from } = await begun('Close me');
    await stand.site.run('UPDATE lh_chat SET status = 2 WHERE id = ?', [id]);
    await ada.say(from, 'Too late');
    await hears(from, 'Your message was not sent');
    expect((await stand.site.said(id)).map(([, text]) => text)).to.not.include('Too late');
  });
});
