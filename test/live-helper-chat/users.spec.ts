import { expect } from 'chai';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { Stand } from './support/stand.js';

const BOB = {
  username: 'bob',
  password: 'Bob-has-a-password-1',
  email: 'bob@example.org',
  name: 'Bob',
  surname: 'Both',
};

describe('A real Live Helper Chat: users and their XMPP accounts', () => {
  let stand: Stand;
  let ada: OperatorClient;
  let bobId: number;

  before(async function () {
    this.timeout(180_000);
    stand = await Stand.start();
    ada = await stand.client('ada', await stand.account(1, 'ada'));
    const admin = await stand.site.backOffice();
    await admin.page('foyer/connection');
    await admin.submit('foyer/connection', {
      choices: 'Update',
      visitors: '1',
      create_accounts: 'username',
      same_password: '1',
      default_user: '0',
    });
  });

  after(async () => stand.stop());
  afterEach(async () => expect(await stand.site.complaints()).to.deep.equal([]));

  const operator = async (name: string) => {
    const [found] = await stand.bridgeRows(
      `SELECT operators.name, operators.max_chats, operators.disabled_at, accounts.state,
         (SELECT COUNT(*) FROM operator_departments WHERE operator_id = operators.id) AS departments
         FROM operators JOIN accounts ON accounts.id = operators.account_id WHERE accounts.local = ?`,
      [name],
    );
    return found;
  };
  const becomes = async (name: string, wanted: Record<string, unknown>) => {
    let last: unknown;
    await until(
      async () => {
        const found = await operator(name);
        last = found;
        return found !== undefined && Object.entries(wanted).every(([key, value]) => found[key] === value);
      },
      `${name} being ${JSON.stringify(wanted)}`,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${JSON.stringify(last)}`);
    });
  };
  const change = (more: Record<string, unknown>) => stand.site.rest('PUT', `user/${bobId}`, more, true);
  const online = async (id: number) =>
    (
      await stand.site.row<{ online: number }>(
        'SELECT MAX(last_activity > UNIX_TIMESTAMP() - 300) AS online FROM lh_userdep WHERE user_id = ?',
        [id],
      )
    ).online;

  it('makes an account for a new user, who logs in with the password of Live Helper Chat', async () => {
    const made = await stand.site.rest<{ result: { id: number } }>(
      'POST',
      'user',
      { ...BOB, departments: [1], user_groups: [1] },
      true,
    );
    bobId = Number(made.result.id);
    await becomes('bob', { name: 'Bob Both', state: 'ready', departments: 1, max_chats: 1000 });
    const bob = await stand.client('bob', BOB.password);
    expect(await online(bobId)).to.equal(1);
    await bob.stop();
  });

  it('follows name, password and limit', async () => {
    await change({ chat_nickname: 'Bobby', password: 'Another-password-2', max_active_chats: 3 });
    await becomes('bob', { name: 'Bobby', max_chats: 3 });
    const bob = await until(() => stand.client('bob', 'Another-password-2').catch(() => null), 'the new password');
    await bob.stop();
  });

  it('takes the chats of a user who is disabled', async () => {
    const visitor = stand.site.visitor();
    await visitor.view('/hats');
    const id = await visitor.start('For Bob', { nick: 'Vera' });
    const from = await stand.contactOf(visitor);
    const bob = await stand.client('bob', 'Another-password-2');
    await until(() => bob.texts(from).includes('For Bob'), 'the chat');
    await bob.say(from, 'I am Bob');
    await until(async () => (await stand.site.said(id)).some(([, text]) => text === 'I am Bob'), 'his answer');
    await change({ disabled: true });
    await until(async () => (await operator('bob'))?.['disabled_at'] !== null, 'Bob disabled');
    await until(() => ada.texts(from).some((text) => text.includes('handed over')), 'Ada being asked');
    await until(
      async () =>
        (await stand.site.row<{ status: number }>('SELECT status FROM lh_chat WHERE id = ?', [id])).status === 0,
      'the chat waiting',
    );
    await change({ disabled: false });
    await becomes('bob', { disabled_at: null });
    await stand.site.cron('cron/deliver');
    await becomes('bob', { departments: 1 });
  });

  it('follows departments that an administrator gives, with the next cron run', async () => {
    const admin = await stand.site.backOffice();
    await admin.page('department/new');
    await admin.submit('department/new', { Name: 'Sales', Save_departament: 'Save' });
    const sales = await stand.site.row<{ id: number }>("SELECT id FROM lh_departament WHERE name = 'Sales'");
    await admin.post(`user/newdepartment/${bobId}`, { 'dep_ids[]': String(sales.id) });
    expect(
      await stand.site.rows('SELECT dep_id FROM lh_userdep WHERE user_id = ? AND dep_id = ?', [bobId, sales.id]),
    ).to.have.length(1);
    await stand.site.cron('cron/deliver');
    await becomes('bob', { departments: 2 });
  });

  it('is online by XMPP, whatever the web interface does', async () => {
    await stand.site.run('UPDATE lh_userdep SET last_activity = 0');
    const web = await stand.site.backOffice({ user: BOB.username, password: 'Another-password-2' });
    await web.page('chat/list');
    const bob = await stand.client('bob', 'Another-password-2');
    expect(await online(bobId)).to.equal(1);
    await web.page('user/logout');
    expect(await online(bobId)).to.equal(1);
    await bob.stop();
    await until(async () => (await online(bobId)) === 0, 'Bob offline');
    await stand.site.backOffice({ user: BOB.username, password: 'Another-password-2' });
    const again = await stand.client('bob', 'Another-password-2');
    await stand.site.run('UPDATE lh_userdep SET last_activity = UNIX_TIMESTAMP() + 5 WHERE user_id = ?', [bobId]);
    await again.stop();
    await until(
      async () =>
        (
          await stand.site.row<{ presence: string }>('SELECT presence FROM lhc_foyer_operator WHERE user_id = ?', [
            bobId,
          ])
        ).presence === 'offline',
      'his client gone',
    );
    expect(await online(bobId)).to.equal(1);
  });

  it('removes the account of a user who is deleted', async () => {
    const admin = await stand.site.backOffice();
    await admin.confirm(`user/delete/${bobId}`);
    await becomes('bob', { state: 'removed' });
    const cat = await stand.site.rest<{ result: { id: number } }>(
      'POST',
      'user',
      { ...BOB, username: 'cat', email: 'cat@example.org', departments: [1], user_groups: [2] },
      true,
    );
    await becomes('cat', { state: 'ready' });
    await stand.site.rest('DELETE', `user/${cat.result.id}`);
    await stand.site.cron('cron/deliver');
    await becomes('cat', { state: 'removed' });
  });
});
