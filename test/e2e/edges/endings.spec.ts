import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { beginTalk, notices, recorded, type Talk } from './talk.js';

describe('how a chat ends', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start({ environment: { FOYER_VISITORS_HARD_TIMEOUT_SECONDS: '10' } });
    anna = await foyer.operator('anna', 'Anna');
  });

  after(() => foyer.stop());

  const heard = (contact: string, words: string) =>
    until(() => notices(anna, contact).some((text) => text.includes(words)), `“${words}”`, 20);
  const shown = (contact: string, type: string | undefined) =>
    anna.expect(
      `${contact} ${type ?? 'available'}`,
      (stanza) =>
        stanza.is('presence') &&
        stanza.attrs['from']?.startsWith(`${contact}/`) === true &&
        stanza.attrs['type'] === type,
    );

  /** A visitor whom the operator has invited. */
  async function invited(text = 'Can I help?'): Promise<Talk> {
    const page: Page = foyer.page();
    await page.visit();
    const contact = foyer.contact(page);
    await shown(contact, undefined);
    await anna.say(contact, text);
    const chat = await until(async () => (await page.visit()).chat, 'the invitation');
    expect(chat).to.deep.include({ state: 'invited', operator: { name: 'Anna' } });
    return { page, chatId: chat.id, contact };
  }

  it('tells the operator that the visitor has declined the invitation', async () => {
    const { page, chatId, contact } = await invited();
    expect((await page.call('POST', `/chats/${chatId}/close`, {})).body).to.deep.nested.include({
      'chat.state': 'closed',
    });
    await heard(contact, 'closed your invitation');
    expect((await page.say(chatId, 'Wait')).body).to.deep.include({ code: 'chat_closed' });
  });

  it('tells the operator that the visitor has ended the chat, and begins another with the next words', async () => {
    const talk = await beginTalk(foyer, anna);
    await anna.say(talk.contact, 'Hi');
    await talk.page.untilMessages(talk.chatId, 'the answer', (list) => list.length === 2);
    await talk.page.call('POST', `/chats/${talk.chatId}/close`, {});
    await heard(talk.contact, 'has ended the chat');
    expect((await talk.page.say(talk.chatId, 'One more thing')).status).to.equal(409);
    const next = await talk.page.startChat('One more thing');
    expect(next.id).to.not.equal(talk.chatId);
    await until(() => anna.texts(talk.contact).includes('One more thing'), 'the next chat');
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', 'Hi']);
  });

  it('doesn’t tell a visitor’s other chats to somebody else', async () => {
    const talk = await beginTalk(foyer, anna);
    const other = foyer.page();
    await other.visit();
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['POST', '/messages', { client_message_id: 'x', text: 'I am the other' }],
      ['POST', '/typing', { typing: true }],
      ['POST', '/seen', { number: 1 }],
      ['POST', '/close', {}],
    ] as const) {
      const { status } = await other.call(method, `/chats/${talk.chatId}${path}`, body);
      expect(status, `${method} ${path}`).to.equal(404);
    }
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello']);
    expect((await talk.page.chat(talk.chatId)).state).to.equal('offered');
  });

  describe('after the hard timeout', () => {
    let onlooker: Page;
    let missed: Talk;
    let active: Talk;
    let abandoned: Talk;

    before(async function () {
      this.timeout(40_000);
      onlooker = foyer.page();
      await onlooker.visit();
      [missed, active, abandoned] = [await invited(), await beginTalk(foyer, anna), await beginTalk(foyer, anna)];
      await anna.say(active.contact, 'Hi');
      await active.page.untilMessages(active.chatId, 'the answer', (list) => list.length === 2);
      for (const contact of [foyer.contact(onlooker), missed.contact, active.contact, abandoned.contact]) {
        await until(
          () =>
            anna.received.some(
              (one) =>
                one.is('presence') &&
                one.attrs['type'] === 'unavailable' &&
                one.attrs['from']?.startsWith(`${contact}/`),
            ),
          `${contact} gone`,
          25,
        );
      }
    });

    it('takes the contact offline and tells whoever writes to it that nobody is there', async () => {
      const contact = foyer.contact(onlooker);
      await anna.say(contact, 'Are you there?');
      await heard(contact, 'no longer there. Your message was not sent');
      expect(await foyer.select("SELECT text FROM messages WHERE text = 'Are you there?'")).to.deep.equal([]);
    });

    it('tells the operator that the invitation was not answered', async () => {
      await heard(missed.contact, 'left without answering you');
      expect((await missed.page.chat(missed.chatId)).state).to.equal('missed');
    });

    it('tells the owner of a chat that the visitor has left, and keeps what is written for its return', async () => {
      await heard(active.contact, 'has left the site');
      await anna.say(active.contact, 'Come back');
      await active.page.untilMessages(
        active.chatId,
        'what was written meanwhile',
        (list) => list.at(-1)?.text === 'Come back',
      );
      const { chat } = await active.page.visit();
      expect(chat).to.deep.include({ id: active.chatId, state: 'active' });
      await active.page.say(active.chatId, 'I am back');
      await until(() => anna.texts(active.contact).includes('I am back'), 'the visitor again');
    });

    it('abandons a chat that nobody took', async () => {
      expect((await abandoned.page.chat(abandoned.chatId)).state).to.equal('abandoned');
    });

    it('shows the contact again with the next page view', async () => {
      const before = anna.received.length;
      await onlooker.visit();
      const contact = foyer.contact(onlooker);
      await until(
        () =>
          anna.received
            .slice(before)
            .some(
              (one) =>
                one.is('presence') && one.attrs['type'] === undefined && one.attrs['from']?.startsWith(`${contact}/`),
            ),
        'the contact online',
      );
    });
  });
});
