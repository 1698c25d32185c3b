import { expect } from 'chai';
import type { Page as Tab } from 'playwright-core';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { ChatJson, Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { enter, heard, invited } from '../rooms/in-rooms.js';
import { Supervisors } from './supervisors.js';

const HOSTILE = '<img src=x onerror="document.title=1">';

describe('an operator on the supervisors’ page', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let supervisors: Supervisors;
  let paula: OperatorClient;
  let anna: OperatorClient;
  let service: string;

  before(async () => {
    foyer = await TestFoyer.start();
    service = `foyer@${foyer.settings.ejabberd.host}`;
    paula = await foyer.operator('paula', 'Paula');
    anna = await foyer.operator('anna', 'Anna');
    const { pool } = foyer.bridge.core;
    await run(pool, "INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Sales', NOW(3))");
    supervisors = await Supervisors.of(foyer);
  });

  beforeEach(async () => {
    await level('manage');
    // She supervises, and is asked nothing.
    await run(foyer.bridge.core.pool, "UPDATE operators SET paused = (name = 'Paula')");
  });

  afterEach(async () => {
    await supervisors.leave();
    expect(supervisors.complaints.splice(0)).to.deep.equal([]);
    const open = await foyer.select("SELECT id FROM chats WHERE state IN ('waiting', 'offered', 'active')");
    for (const { id } of open)
      await fetch(`${foyer.base}/api/v1/chats/${id}/close`, {
        ...{ method: 'POST', headers: { authorization: `Bearer ${supervisors.key}` } },
      });
  });

  after(async () => {
    await supervisors.close();
    await foyer.stop();
  });

  /** Paula's, in Support. */
  const level = (access: string) =>
    run(
      foyer.bridge.core.pool,
      "UPDATE operator_departments JOIN operators ON operators.id = operator_departments.operator_id SET access = ? WHERE name = 'Paula'",
      [access],
    );

  /** What Foyer sends to whoever writes !supervise. */
  async function link(client = paula): Promise<string> {
    const before = client.texts(service).length;
    await client.say(service, '!supervise');
    const text = await until(() => client.texts(service)[before], 'the link');
    return /http:\/\/\S+\/supervisor#[\w-]+/.exec(text)?.[0] ?? text;
  }

  async function signedIn(): Promise<Tab> {
    const tab = await supervisors.open({}, foyer.base, await link());
    await tab.locator('#board').waitFor();
    return tab;
  }

  async function begin(nick: string): Promise<{ vera: Page; chat: ChatJson }> {
    const vera = foyer.page();
    await vera.visit({ nick });
    return { vera, chat: await vera.startChat('Hello?') };
  }

  /** A chat that Anna has. */
  async function taken(nick: string): Promise<{ vera: Page; chat: ChatJson }> {
    const begun = await begin(nick);
    const contact = foyer.contact(begun.vera);
    await until(() => anna.texts(contact).length > 0, 'the question at Anna');
    await anna.say(contact, 'Anna is here');
    await until(async () => (await stateOf(begun.chat)).state === 'active', 'Anna’s chat');
    return begun;
  }

  async function stateOf({ id }: ChatJson) {
    const [row] = await foyer.select(
      'SELECT chats.state, operators.name AS operator FROM chats LEFT JOIN operators ON operators.id = chats.operator_id WHERE chats.id = ?',
      [id],
    );
    return row as { state: string; operator: string | null };
  }

  const row = (tab: Tab, list: string, text: string) => tab.locator(`#${list} > li`, { hasText: text });
  const press = (tab: Tab, word: string, { number }: ChatJson) =>
    tab.getByRole('button', { name: `${word} chat ${number}`, exact: true }).click();

  async function answer(tab: Tab): Promise<void> {
    await tab.locator('#ask-yes').click();
    await tab.locator('#ask').waitFor({ state: 'hidden' });
  }

  it('signs in by the link that !supervise answers with, once, and stays so until she signs out', async () => {
    const address = await link();
    const tab = await supervisors.open({}, foyer.base, address);
    await tab.locator('#board').waitFor();
    expect(tab.url(), 'no token in the address').to.equal(`${foyer.base}/supervisor`);
    expect(await tab.locator('#who').textContent()).to.equal('Paula');
    expect(await tab.locator('#departments > li').allTextContents()).to.have.length(1);
    const [cookie] = await tab.context().cookies(`${foyer.base}/supervisor`);
    expect(cookie).to.include({ name: 'foyer_supervisor', httpOnly: true, sameSite: 'Strict', path: '/supervisor' });
    expect(await tab.evaluate('JSON.stringify([sessionStorage, localStorage])')).to.equal('[{},{}]');
    await tab.reload();
    await tab.locator('#board').waitFor();
    const second = await supervisors.open({}, foyer.base, address);
    await second.locator('#word', { hasText: 'This link was used already' }).waitFor();
    await tab.locator('#out').click();
    await tab.locator('#sign-in').waitFor();
    await until(
      async () =>
        (await foyer.select("SELECT id FROM operator_sessions WHERE page = 'supervisor' AND kind = 'session'"))
          .length === 0,
      'the end of the session',
    );
    await tab.reload();
    await tab.locator('#sign-in').waitFor();
    await level('answer');
    expect(await link(), 'who supervises nothing').to.include('You monitor and manage no department.');
  });

  it('watches a chat as it goes on, and the record says so', async () => {
    const { vera, chat } = await taken(`Vera ${HOSTILE}`);
    const tab = await signedIn();
    await row(tab, 'active', `Vera ${HOSTILE}`).waitFor();
    await press(tab, 'Watch', chat);
    await tab.locator('#reader li.operator', { hasText: 'Anna is here' }).waitFor();
    await vera.say(chat.id, `Really ${HOSTILE}`);
    await tab.locator('#reader li.visitor', { hasText: `Really ${HOSTILE}` }).waitFor();
    await anna.say(foyer.contact(vera), 'Yes, really');
    await tab.locator('#reader li.operator', { hasText: 'Yes, really' }).waitFor();
    expect(await tab.locator('#reader-live').textContent()).to.include('Live');
    expect(await tab.locator('#reader li').count()).to.equal(4);
    expect(await tab.locator('img').count()).to.equal(0);
    const read = await foyer.select("SELECT actor FROM audit WHERE action = 'chat.read' AND subject = ?", [
      `chat:${chat.id}`,
    ]);
    const [{ id: operatorId } = { id: 0 }] = await foyer.select("SELECT id FROM operators WHERE name = 'Paula'");
    expect(read.map(({ actor }) => actor as string)).to.deep.equal([`operator:${operatorId}`]);
    const messages = (await vera.messages(chat.id)).map(({ text }) => text);
    expect(messages, 'what the visitor sees').to.deep.equal([
      'Hello?',
      'Anna is here',
      `Really ${HOSTILE}`,
      'Yes, really',
    ]);
    await vera.call('POST', `/chats/${chat.id}/close`, {});
    await tab.locator('#reader-facts', { hasText: 'closed' }).waitFor();
  });

  it('follows a chat in her own client', async () => {
    const { vera, chat } = await taken('Fay');
    const tab = await signedIn();
    await row(tab, 'active', 'Fay').waitFor();
    await press(tab, 'Follow', chat);
    await answer(tab);
    const place = await invited(paula);
    await enter(paula, place.room, 'Paula', place.password);
    await vera.say(chat.id, 'Is my parcel lost?');
    await until(
      () => heard(paula, place.room).some((text) => text.includes('Is my parcel lost?')),
      'the visitor’s words in the room',
    );
    expect((await vera.messages(chat.id)).map(({ text }) => text)).to.deep.equal([
      'Hello?',
      'Anna is here',
      'Is my parcel lost?',
    ]);
  });

  it('takes a chat over, and gives it to somebody who isn’t there', async () => {
    const { vera, chat } = await taken('Theo');
    const tab = await signedIn();
    await row(tab, 'active', 'with Anna').waitFor();
    await press(tab, 'Take over', chat);
    await answer(tab);
    await row(tab, 'active', 'with Paula').waitFor();
    expect((await stateOf(chat)).operator).to.equal('Paula');
    await paula.say(foyer.contact(vera), 'Paula here');
    await vera.untilMessages(chat.id, 'Paula’s answer', (messages) =>
      messages.some(({ text }) => text === 'Paula here'),
    );
    await anna.presence('dnd');
    await until(async () => (await foyer.show('anna')) === 'dnd', 'Anna busy');
    await row(tab, 'operators', 'busy').waitFor();
    await press(tab, 'Transfer', chat);
    await tab.locator('#target').selectOption({ label: 'Anna (busy)' });
    await tab.locator('#ask-yes').click();
    await tab.locator('#ask-refusal', { hasText: 'Anna isn’t there.' }).waitFor();
    await tab.locator('#at-once').check();
    await answer(tab);
    await row(tab, 'active', 'with Anna').waitFor();
    expect((await stateOf(chat)).operator).to.equal('Anna');
    await anna.presence();
  });

  it('bans a visitor, and lifts the ban', async () => {
    const { vera, chat } = await taken('Troll');
    const tab = await signedIn();
    await row(tab, 'active', 'Troll').waitFor();
    await tab.locator('#bans-part summary').click();
    await tab.locator('#bans-none').waitFor();
    await press(tab, 'Ban', chat);
    await tab.locator('#term').selectOption({ label: '2 hours' });
    await tab.locator('#reason').fill(`Rude ${HOSTILE}`);
    await answer(tab);
    await row(tab, 'bans', 'Troll').waitFor();
    expect(await row(tab, 'bans', 'Troll').textContent()).to.include(`Rude ${HOSTILE}`);
    expect((await stateOf(chat)).state).to.equal('closed');
    const refused = await vera.call('POST', '/chats', { desk: 'main', text: 'Sorry' });
    expect(refused.body).to.include({ code: 'banned' });
    await tab.getByRole('button', { name: 'Lift the ban of Troll' }).click();
    await answer(tab);
    await tab.locator('#bans-none').waitFor();
    await until(
      async () => (await vera.call('POST', '/chats', { desk: 'main', text: 'Thanks' })).status === 201,
      'let in again',
      40,
      100,
    );
  });

  it('opens and closes a department and a desk by hand', async () => {
    const tab = await signedIn();
    const refusal = async () => {
      const vera = foyer.page();
      await vera.visit({ nick: 'Vera' });
      const { status, body } = await vera.call('POST', '/chats', { desk: 'main', text: 'Hello?' });
      return status === 201 ? null : (body as { code?: string }).code;
    };
    const set = async (label: string) => {
      await tab.getByRole('button', { name: 'Open or close Support' }).click();
      await tab.locator('#opening').selectOption({ label });
      await answer(tab);
    };
    await set('aren’t taken');
    await row(tab, 'departments', 'closed by hand').waitFor();
    expect(await refusal()).to.equal('desk_closed');
    await set('by hours and rules');
    await tab.locator('#departments .badge', { hasText: /^open$/ }).waitFor();
    expect(await refusal()).to.equal(null);
    await tab.locator('#desks-part summary').click();
    await tab.getByRole('button', { name: 'Take out of use: desk main' }).click();
    await answer(tab);
    await row(tab, 'desks', 'out of use').waitFor();
    expect(await refusal()).to.equal('desk_inactive');
    await tab.getByRole('button', { name: 'Put into use: desk main' }).click();
    await answer(tab);
    await row(tab, 'desks', 'in use').waitFor();
  });

  it('sees the rooms in use, as they change', async () => {
    const { pool } = foyer.bridge.core;
    const tab = await signedIn();
    await tab.locator('#rooms-none').waitFor();
    await run(
      pool,
      'INSERT INTO room_pools (department_id, instance_id, size, max_rooms, max_per_operator, max_occupants, allocation_seconds) VALUES (1, 1, 1, 5, 3, 10, 60)',
    );
    await until(
      async () => {
        await anna.say(service, '!room');
        return (await foyer.select("SELECT id FROM rooms WHERE state = 'directed'")).length > 0;
      },
      'a room for Anna',
      60,
      1000,
    );
    await row(tab, 'rooms', 'an operator is invited').waitFor();
    expect(await row(tab, 'rooms', 'an operator is invited').textContent()).to.include('Support');
    await run(pool, 'DELETE FROM room_pools');
  });

  it('who only monitors changes nothing, and who loses the level is signed out', async () => {
    await level('monitor');
    const { chat } = await taken('Rosa');
    const tab = await signedIn();
    await row(tab, 'active', 'Rosa').waitFor();
    const buttons = row(tab, 'active', 'Rosa').getByRole('button');
    expect(await buttons.allTextContents()).to.deep.equal(['Watch', 'Follow']);
    expect(await tab.getByRole('button', { name: 'Open or close Support' }).count()).to.equal(0);
    await press(tab, 'Watch', chat);
    await tab.locator('#reader li', { hasText: 'Anna is here' }).waitFor();
    await level('answer');
    await tab.locator('#word', { hasText: 'You are signed out' }).waitFor();
    expect(await tab.locator('#board').isVisible()).to.equal(false);
    expect(await tab.locator('#reader').isVisible()).to.equal(false);
    expect(await tab.locator('.chats li').count()).to.equal(0);
  });

  it('finds her way among 500 chats and 200 operators', async () => {
    const { pool } = foyer.bridge.core;
    const { chat } = await begin('Template');
    const columns =
      'instance_id, visitor_id, account_id, department_id, state, initiator, created_at, queued_at, waiting_since';
    const many = Array.from({ length: 480 }, (_, i) => `SELECT ${i} AS i`).join(' UNION ALL ');
    await run(
      pool,
      `INSERT INTO chats (number, ${columns}) SELECT 5000 + many.i, ${columns} FROM chats JOIN (${many}) many WHERE chats.id = ?`,
      [chat.id],
    );
    await run(
      pool,
      `INSERT INTO accounts (instance_id, kind, local, host, name, roster_group, password_box, state, last_used_at, created_at)
       SELECT 1, 'operator', CONCAT('extra-', many.i), host, CONCAT('Extra ', many.i), 'operators', '', 'ready', NOW(3), NOW(3)
         FROM accounts JOIN (${many}) many WHERE accounts.local = 'anna' AND many.i < 200`,
    );
    await run(
      pool,
      "INSERT INTO operators (instance_id, account_id, name, max_chats, created_at) SELECT 1, id, name, 5, NOW(3) FROM accounts WHERE local LIKE 'extra-%'",
    );
    await run(
      pool,
      "INSERT INTO operator_departments (operator_id, department_id) SELECT id, 1 FROM operators WHERE name LIKE 'Extra %'",
    );
    const tab = await signedIn();
    await tab.getByRole('button', { name: 'Show more: 456 are left' }).waitFor();
    expect(await tab.locator('#queue > li').count()).to.equal(25);
    await tab.getByRole('button', { name: 'Show more: 456 are left' }).click();
    expect(await tab.locator('#queue > li').count()).to.equal(50);
    expect(await tab.locator('#operators > li').count()).to.equal(25);
    await tab.locator('#filter').fill('#5471');
    await row(tab, 'queue', '#5471').waitFor();
    expect(await tab.locator('#queue > li').count()).to.equal(1);
    await tab.locator('#filter').fill('Extra 199');
    await row(tab, 'operators', 'Extra 199').waitFor();
    expect(await tab.locator('#operators > li').count()).to.equal(1);
    await run(pool, "UPDATE chats SET state = 'closed' WHERE number >= 5000");
    await tab.locator('#filter').fill('');
    await until(async () => (await tab.locator('#queue > li').count()) === 1, 'one is left', 40, 100);
  });
});
