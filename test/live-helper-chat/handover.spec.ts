import { expect } from 'chai';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import type { BackOffice } from './support/back-office.js';
import { Stand } from './support/stand.js';
import type { Visitor } from './support/visitor.js';

const CAT = { username: 'cat', password: 'Cat-in-the-web-1', email: 'cat@example.org', name: 'Cat', surname: 'Web' };
const BOB = { username: 'bob', password: 'Bob-at-both-ends-1', email: 'bob@example.org', name: 'Bob', surname: 'Both' };

describe('A real Live Helper Chat: who has a chat, and its end', () => {
  let stand: Stand;
  let ada: OperatorClient;
  let bob: OperatorClient;
  /** She has no XMPP account. */
  let cat: BackOffice;
  let [bobId, catId] = [0, 0];

  before(async function () {
    this.timeout(180_000);
    stand = await Stand.start();
    const make = async (user: Record<string, string>) =>
      (
        await stand.site.rest<{ result: { id: number } }>(
          'POST',
          'user',
          { ...user, departments: [1], user_groups: [1] },
          true,
        )
      ).result.id;
    [bobId, catId] = [Number(await make(BOB)), Number(await make(CAT))];
    cat = await stand.site.backOffice({ user: CAT.username, password: CAT.password });
    ada = await stand.client('ada', await stand.account(1, 'ada'));
    bob = await stand.client('bob', await stand.account(bobId, 'bob'));
  });

  after(async () => stand.stop());
  afterEach(async () => expect(await stand.site.complaints()).to.deep.equal([]));

  const hears = async (who: OperatorClient, from: string, words: string | RegExp) =>
    until(
      () => who.texts(from).find((text) => (typeof words === 'string' ? text.includes(words) : words.test(text))),
      `${who.jid} hearing ${String(words)}; heard: ${who.texts(from).join(' | ')}`,
    );
  const becomes = async (id: number, wanted: Record<string, unknown>) => {
    let last: Record<string, unknown> = {};
    await until(
      async () => {
        [last = {}] = await stand.site.rows('SELECT status, user_id, nick FROM lh_chat WHERE id = ?', [id]);
        return Object.entries(wanted).every(([name, value]) => last[name] === value);
      },
      `chat ${id} being ${JSON.stringify(wanted)}`,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${JSON.stringify(last)}`);
    });
  };
  const said = async (id: number, words: string) =>
    until(async () => (await stand.site.said(id)).some(([, text]) => text === words), `“${words}” in the table`);

  async function begun(text: string): Promise<{ visitor: Visitor; id: number; from: string }> {
    const visitor = stand.site.visitor();
    await visitor.view('/hats');
    const id = await visitor.start(text, { nick: 'Vera' });
    const from = await stand.contactOf(visitor);
    await hears(ada, from, text);
    return { visitor, id, from };
  }

  /** One that Ada has. */
  async function adas(text: string): Promise<{ visitor: Visitor; id: number; from: string }> {
    const all = await begun(text);
    await ada.say(all.from, 'I have it');
    await said(all.id, 'I have it');
    return all;
  }

  it('tells everybody of a chat that is opened in the web interface, and takes no word for it from another', async () => {
    const { id, from } = await begun('Who opens me?');
    await cat.page(`chat/adminchat/${id}`);
    await becomes(id, { status: 1, user_id: catId });
    await hears(ada, from, 'Cat Web');
    await hears(bob, from, 'Cat Web');
    await ada.say(from, 'Mine');
    await hears(ada, from, 'was not sent');
    expect((await stand.site.said(id)).map(([, text]) => text)).to.not.include('Mine');
  });

  it('tells everybody of a chat that is taken by words in the web interface or by REST', async () => {
    const { id, from } = await begun('Who writes to me?');
    await cat.ask(`chat/addmsgadmin/${id}`, { msg: 'Cat is here' });
    await becomes(id, { status: 1, user_id: catId });
    await hears(ada, from, /Cat Web.*taken/);
    const other = await begun('And to me?');
    await stand.site.rest('POST', 'addmsgadmin', {
      chat_id: other.id,
      msg: 'By REST',
      sender: 'operator',
      user_id: bobId,
    });
    await becomes(other.id, { status: 1, user_id: bobId });
    await hears(ada, other.from, /Bob Both.*taken/);
    await hears(bob, other.from, 'By REST');
    await bob.say(other.from, 'And on by XMPP');
    await said(other.id, 'And on by XMPP');
  });

  it('hands over from the web interface to an XMPP client and back', async () => {
    const { visitor, id, from } = await begun('Hand me over');
    await cat.page(`chat/adminchat/${id}`);
    await hears(ada, from, 'Cat Web');
    await cat.ask(`chat/transferuser/${id}/${bobId}`, { type: 'change_owner' });
    await becomes(id, { status: 1, user_id: bobId });
    await hears(bob, from, 'Hand me over');
    await visitor.say('Are you Bob?');
    await hears(bob, from, 'Are you Bob?');
    await bob.say(from, 'Yes');
    await said(id, 'Yes');
    await cat.ask(`chat/transferuser/${id}/${catId}`, { type: 'change_owner' });
    await becomes(id, { status: 1, user_id: catId });
    await hears(bob, from, /Cat Web/);
    await bob.say(from, 'Still mine?');
    await hears(bob, from, 'was not sent');
  });

  it('follows a transfer that is offered and accepted in the web interface', async () => {
    const { id, from } = await adas('Offer me');
    const admin = await stand.site.backOffice();
    await admin.ask(`chat/transferuser/${id}/${catId}`, { type: 'user' });
    await hears(ada, from, 'being transferred');
    await cat.ask(`chat/accepttransfer/${id}/(mode)/chat/(scope)/0`);
    await becomes(id, { user_id: catId });
    await hears(ada, from, /Cat Web.*taken/);
  });

  it('transfers from one XMPP client to another', async () => {
    const { id, from } = await adas('Give me to Bob');
    await ada.say(from, '!transfer bob');
    await hears(bob, from, 'Ada Min asks you to take over');
    await bob.say(from, 'Bob here');
    await becomes(id, { status: 1, user_id: bobId });
    await said(id, 'Bob here');
  });

  it('waits again when it is put back in the web interface', async () => {
    const { id, from } = await begun('Do not leave');
    await bob.say(from, 'I am here');
    await becomes(id, { status: 1, user_id: bobId });
    await stand.site.rest('POST', 'setchatstatus', { chat_id: id, status: 0 });
    await becomes(id, { status: 0 });
    await hears(ada, from, /handed over(.|\n)*Do not leave\nBob Both: I am here/);
  });

  it('is closed by an operator’s command', async () => {
    const { visitor, id, from } = await adas('Close me by XMPP');
    await ada.say(from, '!close');
    await becomes(id, { status: 2 });
    expect(await visitor.say('Too late')).to.equal(false);
  });

  it('is closed in the web interface, and deleted', async () => {
    const { id, from } = await adas('Close me by web');
    const admin = await stand.site.backOffice();
    expect(await admin.ask(`chat/closechatadmin/${id}`)).to.include({ error: false });
    await hears(ada, from, 'closed in the helpdesk');
    await ada.say(from, 'One more thing');
    const other = await adas('Delete me');
    expect(await admin.ask(`chat/deletechatadmin/${other.id}`)).to.include({ error: false });
    await hears(ada, other.from, /closed|deleted/);
  });

  it('is ended by the visitor', async () => {
    const { visitor, id, from } = await adas('I leave');
    await visitor.leave();
    await hears(ada, from, /left|ended|closed/);
    await becomes(id, { status: 1 });
  });

  it('has the visitor’s new name', async () => {
    const { visitor, id, from } = await adas('Call me Valerie');
    await visitor.rename('Valerie');
    await becomes(id, { nick: 'Valerie' });
    await ada.expect('the new name', (one) => one.toString().includes('Valerie') && one.toString().includes(from));
    const admin = await stand.site.backOffice();
    await admin.page(`chat/modifychat/${id}`);
    await admin.submit(`chat/modifychat/${id}`, { UserNick: 'Violet', Email: '', UserPhone: '', UpdateChat: 'Save' });
    await becomes(id, { nick: 'Violet' });
    await ada.expect(
      'the name from the web',
      (one) => one.toString().includes('Violet') && one.toString().includes(from),
    );
  });
});
