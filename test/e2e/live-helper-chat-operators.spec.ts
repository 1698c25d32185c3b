import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../support/bridge.js';
import { LiveHelperChat } from '../support/live-helper-chat.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { enter, heard, invited, leave, sayIn, withCommands, type Invitation } from './rooms/in-rooms.js';

const CHAT_STATES = 'http://jabber.org/protocol/chatstates';
const BOB = 2;
const ADA = 1;

/** Ada is at her XMPP client, Bob in the back office. */
describe('operators of Live Helper Chat at their XMPP clients', () => {
  let foyer: TestFoyer;
  let site: LiveHelperChat;
  let ada: OperatorClient;

  before(async function () {
    this.timeout(90_000);
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    site = await LiveHelperChat.start(foyer);
    ada = await site.client(foyer, 'ada');
    await until(async () => (await foyer.show('ada')) === 'available', 'Ada online');
  });

  after(async () => {
    await site.stop();
    await foyer.stop();
  });

  async function begin(text: string): Promise<{ chat: number; from: string }> {
    const { visitor } = await site.ask<{ visitor: number }>('view', { page: '//shop.example/' });
    const { chat } = await site.ask<{ chat: number }>('start', { visitor, text });
    const [row] = await until(async () => {
      const found = await foyer.select('SELECT id FROM visitors WHERE external_id = ?', [String(visitor)]);
      return found.length > 0 ? found : undefined;
    }, 'the visitor at the bridge');
    return { chat, from: `visitor.${row?.['id']}@${foyer.settings.ejabberd.host}` };
  }

  describe('in a group chat', () => {
    let group: number;
    let place: Invitation;
    const rows = () =>
      site.rows<{ msg: string; user_id: number }>(
        `SELECT msg, user_id FROM lh_group_msg WHERE chat_id = ${group} ORDER BY id`,
      );

    it('are invited into its room as they are into the group', async () => {
      group = (await site.group<{ id: number }>('newgroupajax', { name: 'Night shift', type: 1 })).id;
      await site.group('inviteoperator', { group, user: ADA });
      place = await invited(ada);
      expect((await enter(ada, place.room, 'Ada', place.password)).attrs['type']).to.equal(undefined);
      const joined = async () =>
        (await site.rows(`SELECT jtime > 0 AS joined FROM lh_group_chat_member WHERE user_id = ${ADA}`))[0]?.['joined'];
      await until(async () => (await joined()) === 1, 'Ada a member who has joined');
    });

    it('read what is written in the back office, and are read there, once each', async () => {
      await site.group('addmessage', { group, user: BOB, text: 'Evening [b]all[/b]' });
      await until(() => heard(ada, place.room).includes('Foyer: Bob Web: Evening *all*'), 'Bob’s words in the room');
      await sayIn(ada, place.room, 'Evening, Bob');
      await until(async () => (await rows()).length === 2, 'Ada’s words in the table');
      await site.group('addmessage', { group, user: BOB, text: 'Quiet today' });
      await until(() => heard(ada, place.room).at(-1) === 'Foyer: Bob Web: Quiet today', 'the next');
      await sayIn(ada, place.room, 'It is');
      await until(async () => (await rows()).length === 4, 'and the next');
      expect(await rows()).to.deep.equal([
        { msg: 'Evening [b]all[/b]', user_id: BOB },
        { msg: 'Evening, Bob', user_id: ADA },
        { msg: 'Quiet today', user_id: BOB },
        { msg: 'It is', user_id: ADA },
      ]);
      expect(heard(ada, place.room)).to.have.length(4);
      const [unread] = await site.rows(
        `SELECT last_msg_id - (SELECT MAX(id) FROM lh_group_msg) AS behind FROM lh_group_chat WHERE id = ${group}`,
      );
      expect(unread).to.deep.equal({ behind: 0 });
    });

    it('belong to it also while their client is away', async () => {
      await leave(ada, place.room, 'Ada');
      await until(
        async () =>
          (await foyer.select("SELECT 1 FROM room_occupants WHERE present = 1 AND nick = 'Ada'")).length === 0,
        'Ada out of the room',
      );
      await enter(ada, place.room, 'Ada', place.password);
      await site.group('addmessage', { group, user: BOB, text: 'Back?' });
      await until(() => heard(ada, place.room).at(-1) === 'Foyer: Bob Web: Back?', 'words after the return');
      const members = await site.rows(`SELECT user_id FROM lh_group_chat_member WHERE group_id = ${group} ORDER BY id`);
      expect(members).to.deep.equal([{ user_id: BOB }, { user_id: ADA }]);
    });

    it('lose the room with the group', async () => {
      await site.group('leave', { group, user: ADA });
      await site.group('leave', { group, user: BOB });
      const rooms = () => withCommands(foyer, (commands) => commands.rooms(foyer.settings.ejabberd.host));
      await until(async () => (await rooms()).length === 0, 'the room removed from ejabberd');
      expect(await site.rows('SELECT * FROM lhc_foyer_group')).to.deep.equal([]);
    });
  });

  it('are shown to the visitor’s page as typing', async () => {
    const { chat, from } = await begin('Hello');
    await ada.say(from, 'Hi');
    const typing = async () =>
      (
        await site.rows(
          `SELECT operator_typing > 0 AS typing, operator_typing_id AS who FROM lh_chat WHERE id = ${chat}`,
        )
      )[0];
    await until(
      async () => (await site.rows(`SELECT id FROM lh_chat WHERE id = ${chat} AND user_id = 1`)).length,
      'Ada’s',
    );
    const state = (name: string) =>
      ada.send(xml('message', { to: from, type: 'chat' }, xml(name, { xmlns: CHAT_STATES })));
    await state('composing');
    await until(async () => (await typing())?.['who'] === ADA, 'typing in the table');
    await state('paused');
    await until(async () => (await typing())?.['typing'] === 0, 'and no longer');
  });

  it('take a message back', async () => {
    const { chat, from } = await begin('Hello?');
    const id = await ada.say(from, 'Oops');
    const said = async () =>
      (await site.rows<{ msg: string }>(`SELECT msg FROM lh_msg WHERE chat_id = ${chat} AND user_id = 1`)).map(
        ({ msg }) => msg,
      );
    await until(async () => (await said()).includes('Oops'), 'the words in the table');
    await ada.send(
      xml(
        'message',
        { to: from, type: 'chat', id: 'retraction' },
        xml('retract', { xmlns: 'urn:xmpp:message-retract:1', id }),
        xml('body', {}, 'I took a message back'),
      ),
    );
    await until(async () => (await said()).length === 0, 'the row gone');
    await ada.say(from, 'Good morning');
    await until(async () => (await said()).length > 0, 'later words');
    expect(await said()).to.deep.equal(['Good morning']);
  });

  it('are offered no chats while they hide from visitors', async () => {
    const offDuty = async () =>
      (await foyer.select("SELECT off_duty, paused FROM operators WHERE name = 'Ada Min'"))[0];
    await site.ask('hide', { user: ADA, hidden: true });
    await until(async () => (await offDuty())?.['off_duty'] === 1, 'the bridge told');
    expect(await offDuty()).to.deep.equal({ off_duty: 1, paused: 0 });
    const { from } = await begin('Is somebody there?');
    await until(
      async () => (await foyer.select("SELECT 1 FROM chats WHERE state = 'waiting'")).length > 0,
      'the chat that waits',
    );
    await site.ask('hide', { user: ADA, hidden: false });
    await until(() => ada.texts(from).includes('Is somebody there?'), 'the offer, now');
    expect(ada.texts(from).filter((text) => text === 'Is somebody there?')).to.have.length(1);
  });
});
