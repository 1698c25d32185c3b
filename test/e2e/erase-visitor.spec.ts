import { expect } from 'chai';
import { xml, type Element } from '@xmpp/client';
import { eraseOldVisitors } from '../../bridge/domain/visitors/erase-visitor.js';
import { createUpkeep } from '../../bridge/storage/upkeep-store.js';
import { TestFoyer } from '../support/bridge.js';
import { helpdesk, type Helpdesk } from '../support/helpdesk.js';
import type { OperatorClient } from '../support/operator-client.js';
import type { Page } from '../support/page.js';
import { until } from '../support/until.js';
import { beginTalk, type Talk } from './edges/talk.js';
import { enter, invited, sayIn, setSubject } from './rooms/in-rooms.js';

const MAM = 'urn:xmpp:mam:2';

describe('a visitor who is forgotten', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let api: Helpdesk;

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    api = await helpdesk(foyer);
  });
  after(() => foyer.stop());

  /** Texts in the operator's archive that were said with this contact. */
  async function archived(contact: string): Promise<string[]> {
    const id = crypto.randomUUID();
    const texts: string[] = [];
    const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
    const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, field('FORM_TYPE', MAM), field('with', contact));
    await anna.send(xml('iq', { type: 'set', id }, xml('query', { xmlns: MAM, queryid: id }, form)));
    await anna.expect('the end of the archive', (stanza: Element) => stanza.is('iq') && stanza.attrs['id'] === id);
    for (const stanza of anna.received) {
      const result = stanza.getChild('result', MAM);
      if (result?.attrs['queryid'] !== id) continue;
      const text = result.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message')?.getChildText('body');
      if (text) texts.push(text);
    }
    return texts;
  }

  /** Every table's rows in which this text stands. */
  async function findings(text: string): Promise<string[]> {
    const columns = await foyer.select(
      "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE() AND data_type IN ('varchar', 'text', 'mediumtext')",
    );
    const found: string[] = [];
    for (const { t, c } of columns as unknown as { t: string; c: string }[]) {
      const [row] = await foyer.select(`SELECT COUNT(*) AS n FROM \`${t}\` WHERE \`${c}\` LIKE ?`, [`%${text}%`]);
      if (Number(row?.['n']) > 0) found.push(`${t}.${c}`);
    }
    return found;
  }

  const talked = async (word: string): Promise<Talk> => {
    const talk = await beginTalk(foyer, anna, `I am ${word}`);
    await anna.say(talk.contact, `Hello ${word}`);
    await talk.page.untilMessages(talk.chatId, 'the answer', (list) => list.length === 2);
    await talk.page.call('POST', `/chats/${talk.chatId}/close`, {});
    return talk;
  };

  it('is gone from the record, from ejabberd, and from the operators’ archives; others stay', async function () {
    this.timeout(60_000);
    const word = 'Zebedee-Quux';
    const gone = await talked(word);
    const other = await talked('somebody else');
    for (const { contact } of [gone, other])
      await until(async () => (await archived(contact)).some((text) => /^Hello/.test(text)), 'the archive');
    await api('PUT', `/chats/${gone.chatId}/tags`, { tags: ['kept'] });
    await api('POST', `/chats/${gone.chatId}/notes`, { text: `is ${word}`, author: 'Zoe' });
    const later = { desk: 'main', name: word, email: 'z@example.org', text: `Answer ${word}`, client_message_id: 'o1' };
    expect((await gone.page.call('POST', '/offline-messages', later)).status).to.be.within(200, 202);
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'all on its way to be there');
    expect(await findings(word)).to.include.members(['messages.text', 'chat_notes.text', 'offline_messages.text']);
    const answer = await api<{ chats: number[] }>('DELETE', `/visitors/by-id/${gone.page.visitorId}`);
    expect([answer.status, answer.body.chats]).to.deep.equal([200, [gone.chatId]]);
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'ejabberd to have followed');
    expect(await findings(word)).to.deep.equal([]);
    expect(await archived(gone.contact)).to.deep.equal([]);
    expect(await archived(other.contact)).to.include.members(['I am somebody else', 'Hello somebody else']);
    const [account] = await foyer.select('SELECT state FROM accounts WHERE local = ?', [gone.contact.split('@')[0]]);
    expect(account?.['state']).to.equal('removed');
    expect((await status(gone.page)).status).to.equal(401);
    expect((await status(other.page)).status).to.equal(200);
    const chat = await api<{ chat: { state: string }; transcript: { messages: []; tags: string[] } }>(
      'GET',
      `/chats/${gone.chatId}/transcript`,
    );
    expect(chat.body.chat.state).to.equal('closed');
    expect(chat.body.transcript).to.deep.include({ messages: [], tags: ['kept'] });
  });

  it('is gone from the room of its chat, which is over, though a colleague is still in it', async function () {
    this.timeout(60_000);
    const word = 'Nimrod-Plonk';
    const ben = await foyer.operator('ben', 'Ben');
    const page = foyer.page();
    await page.visit({ nick: word });
    const { id: chatId } = await page.startChat(`I am ${word}`);
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes(`I am ${word}`), 'the question at Anna');
    await anna.say(contact, 'Ben knows that');
    await anna.say(contact, '!invite ben');
    const { room, password } = await invited(ben);
    await until(async () => (await enter(ben, room, 'Ben', password)).attrs['type'] !== 'error', 'Ben in');
    await setSubject(ben, room, `What ${word} wants`, 'subject');
    await sayIn(ben, room, `Hello ${word}`);
    await page.untilMessages(chatId, 'Ben’s words', (list) => list.some(({ text }) => text === `Hello ${word}`));
    await until(async () => (await findings(word)).includes('room_occupants.nick'), 'the visitor in the room');
    expect(await findings(word)).to.include.members(['messages.text', 'rooms.subject']);
    expect((await api('DELETE', `/visitors/by-id/${page.visitorId}`)).status).to.equal(200);
    await ben.expect('the end of the room', (one) => one.getChild('x')?.getChild('destroy') !== undefined);
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'ejabberd to have followed');
    await until(async () => (await findings(word)).length === 0, 'nothing left of it');
  });

  it('leaves in the midst of a chat, and a second time changes nothing', async function () {
    this.timeout(60_000);
    const word = 'Wobble-Frotz';
    const { page, contact, chatId } = await beginTalk(foyer, anna, `I am ${word}`);
    for (let i = 0; i < 2; i += 1) {
      const answer = await api<{ chats: number[] }>('DELETE', `/visitors/by-id/${page.visitorId}`);
      expect(answer.body.chats).to.deep.equal([chatId]);
      await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'ejabberd to have followed');
      expect(await findings(word)).to.deep.equal([]);
    }
    expect(await archived(contact)).to.deep.equal([]);
    let refused = '';
    await api('DELETE', '/visitors/by-id/999999999').catch((error: Error) => (refused = error.message));
    expect(refused).to.contain('404').and.contain('not_found');
  });

  it('is forgotten by the clock, once it wasn’t there for long', async function () {
    this.timeout(60_000);
    const old = await talked('Old-Timer');
    const fresh = await talked('New-Comer');
    await foyer.select('UPDATE visitors SET online = 0, online_until = NOW(3) - INTERVAL 40 DAY WHERE id = ?', [
      old.page.visitorId,
    ]);
    await foyer.select('UPDATE chats SET closed_at = NOW(3) - INTERVAL 40 DAY WHERE id = ?', [old.chatId]);
    const { transactions, pool } = foyer.bridge.core;
    const upkeep = createUpkeep(pool);
    expect((await upkeep.oldVisitors(30, 10)).map(({ id }) => id)).to.deep.equal([old.page.visitorId]);
    expect(await eraseOldVisitors(upkeep, transactions, 30)).to.equal(1);
    expect(await eraseOldVisitors(upkeep, transactions, 30)).to.equal(0);
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'ejabberd to have followed');
    expect(await findings('Old-Timer')).to.deep.equal([]);
    expect(await findings('New-Comer')).to.include('messages.text');
    expect((await status(fresh.page)).status).to.equal(200);
  });

  const status = (page: Page) =>
    fetch(`${foyer.base}/visitor/v1/events?wait=0`, { headers: { authorization: `Bearer ${page.token}` } });
});
