import { expect } from 'chai';
import { TestFoyer } from '../support/bridge.js';
import { LiveHelperChat } from '../support/live-helper-chat.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';

describe('Live Helper Chat with the extension', () => {
  let foyer: TestFoyer;
  let site: LiveHelperChat;
  let ada: OperatorClient;

  before(async function () {
    this.timeout(90_000);
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    site = await LiveHelperChat.start(foyer);
    ada = await site.client(foyer, 'ada');
  });

  after(async () => {
    await site.stop();
    await foyer.stop();
  });

  it('shows who is on the site, brings the words, and stores the answer as its own', async () => {
    const { visitor } = await site.ask<{ visitor: number }>('view', { page: '//shop.example/shoes' });
    const from = await contactOf(visitor);
    await until(
      () => ada.received.some((one) => one.is('presence') && one.attrs['from']?.startsWith(from)),
      'the contact online',
    );
    const { chat } = await site.ask<{ chat: number }>('start', { visitor, text: 'Hello [b]there[/b]' });
    await until(() => ada.texts(from).includes('Hello *there*'), 'the first words');
    await site.ask('say', { chat, text: 'Anybody?' });
    await until(() => ada.texts(from).includes('Anybody?'), 'the next');

    await ada.say(from, '!!close Hi Vera');
    const rows = await until(async () => {
      const found = await site.rows(
        `SELECT msg, user_id, name_support FROM lh_msg WHERE chat_id = ${chat} ORDER BY id`,
      );
      return found.length >= 4 ? found : undefined;
    }, 'the answer in the table');
    expect(rows.slice(2)).to.deep.equal([
      { msg: 'Ada Min has accepted the chat!', user_id: -1, name_support: 'Ada Min' },
      { msg: '\u200b!close Hi Vera', user_id: 1, name_support: 'Ada Min' },
    ]);
    const [state] = await site.rows(`SELECT status, user_id, has_unread_op_messages FROM lh_chat WHERE id = ${chat}`);
    expect(state).to.deep.equal({ status: 1, user_id: 1, has_unread_op_messages: 1 });

    await site.ask('web', { chat, text: 'From the web' });
    await until(() => ada.texts(from).some((text) => text.endsWith('From the web')), 'the web interface’s words');
    await site.ask('close', { chat });
    await until(() => ada.texts(from).some((text) => text.includes('closed in the helpdesk')), 'the end');
    expect(await site.rows(`SELECT COUNT(*) AS n FROM lh_msg WHERE chat_id = ${chat}`)).to.deep.equal([{ n: 5 }]);
  });

  it('invites a visitor without a chat', async () => {
    const { visitor } = await site.ask<{ visitor: number }>('view', { page: '//shop.example/hats' });
    const from = await contactOf(visitor);
    await ada.say(from, 'Can I help?');
    await until(async () => {
      const [row] = await site.rows(`SELECT operator_message FROM lh_chat_online_user WHERE id = ${visitor}`);
      return row?.['operator_message'] === 'Can I help?';
    }, 'the invitation');
    await site.ask('start', { visitor, text: 'Yes please' });
    await until(() => ada.texts(from).includes('Yes please'), 'the answer to it');
  });

  it('calls the operator online by the XMPP client', async () => {
    const [row] = await site.rows('SELECT last_activity > UNIX_TIMESTAMP() - 300 AS online FROM lh_userdep');
    expect(row).to.deep.equal({ online: 1 });
  });

  it('brings everything once and in order when its process is killed and the bridge is away', async () => {
    const { visitor } = await site.ask<{ visitor: number }>('view', { page: '//shop.example/' });
    const { chat } = await site.ask<{ chat: number }>('start', { visitor, text: 'm0' });
    const from = await contactOf(visitor);
    await until(() => ada.texts(from).includes('m0'), 'the first');
    await foyer.stopBridge();
    await site.ask('say', { chat, text: 'm1' });
    await site.ask('say', { chat, text: 'm2', killed: true }).catch(() => undefined);
    await site.ask('say', { chat, text: 'm3' });
    await foyer.startBridge();
    await until(async () => {
      await site.ask('cron');
      return ada.texts(from).includes('m3');
    }, 'the last');
    expect(ada.texts(from)).to.deep.equal(['m0', 'm1', 'm2', 'm3']);
  });

  it('follows who has a chat, what is typed, edited and removed, without a message', async () => {
    const { visitor } = await site.ask<{ visitor: number }>('view', { page: '//shop.example/belts' });
    const { chat } = await site.ask<{ chat: number }>('start', { visitor, text: 'A belt pleese' });
    const from = await contactOf(visitor);
    await until(() => ada.texts(from).includes('A belt pleese'), 'the first words');
    const hears = (words: string) => until(() => ada.texts(from).find((text) => text.includes(words)), words);
    await site.ask('take', { chat, user: 2 });
    await hears('Bob Web has taken this chat in the helpdesk.');
    await ada.say(from, 'Mine');
    await hears('Bob Web has this chat. Your message was not sent.');
    await site.ask('take', { chat, user: 1 });
    await hears('You have taken');
    await site.type(chat, 'In brown');
    const ours = (name: string) => (one: (typeof ada.received)[number]) =>
      one.attrs['from']?.startsWith(from) === true && one.getChild(name) !== undefined;
    const typing = await ada.expect('what is typed', ours('rtt'));
    expect(typing.getChild('rtt')?.getChildText('t')).to.equal('In brown');
    await site.ask('edit', { chat, old: 'A belt pleese', text: 'A belt please' });
    expect((await ada.expect('the correction', ours('replace'))).getChildText('body')).to.equal('A belt please');
    await site.ask('edit', { chat, old: 'A belt please', text: null });
    await ada.expect('the retraction', ours('retract'));
  });

  it('tells the operator that a chat was over there when the words came', async () => {
    const { visitor } = await site.ask<{ visitor: number }>('view', { page: '//shop.example/gloves' });
    const { chat } = await site.ask<{ chat: number }>('start', { visitor, text: 'Gloves?' });
    const from = await contactOf(visitor);
    await until(() => ada.texts(from).includes('Gloves?'), 'the first words');
    await site.ask('closed by another program', { chat });
    await ada.say(from, 'Which size?');
    await until(
      () =>
        ada.texts(from).some((text) => /closed in the helpdesk\. Your message was not sent\.\n> Which size/.test(text)),
      'that it was not sent',
    );
    const rows = await site.rows(`SELECT msg FROM lh_msg WHERE chat_id = ${chat} AND user_id = 1`);
    expect(rows).to.deep.equal([]);
  });

  async function contactOf(visitor: number): Promise<string> {
    const id = await until(
      async () =>
        (await foyer.select('SELECT id FROM visitors WHERE external_id = ?', [String(visitor)]))[0]?.['id'] as number,
      'the visitor at the bridge',
    );
    return `visitor.${id}@${foyer.settings.ejabberd.host}`;
  }
});
