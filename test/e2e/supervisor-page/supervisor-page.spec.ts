import { expect } from 'chai';
import type { Page as Tab } from 'playwright-core';
import { startBridge, type Bridge } from '../../../bridge/compose.js';
import { createLog } from '../../../bridge/observe/log.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { ChatJson, Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { faultsOf, newKey, Supervisors } from './supervisors.js';

const HOSTILE = '<img src=x onerror="document.title=1">';

describe('the supervisors’ page', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let second: Bridge;
  let supervisors: Supervisors;
  let anna: OperatorClient;
  let bert: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    const { settings } = foyer;
    second = await startBridge(
      { ...settings, http: { ...settings.http, port: await freePort() } },
      { log: createLog('silent') },
    );
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
    await run(
      foyer.bridge.core.pool,
      "INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Sales', NOW(3))",
    );
    supervisors = await Supervisors.of(foyer);
  });

  afterEach(async () => {
    await supervisors.leave();
    expect(supervisors.complaints.splice(0)).to.deep.equal([]);
    const open = await foyer.select("SELECT id FROM chats WHERE state IN ('waiting', 'offered', 'active')");
    for (const { id } of open) expect((await close(id as number)).status).to.equal(200);
    for (const client of [anna, bert]) await client.presence();
  });

  after(async () => {
    await supervisors.close();
    await second.close();
    await foyer.stop();
  });

  const close = (id: number) =>
    fetch(`${foyer.base}/api/v1/chats/${id}/close`, {
      method: 'POST',
      headers: { authorization: `Bearer ${supervisors.key}` },
    });

  async function begin(nick: string, text = 'Hello?'): Promise<{ vera: Page; chat: ChatJson }> {
    const vera = foyer.page();
    await vera.visit({ nick });
    return { vera, chat: await vera.startChat(text) };
  }

  /** A chat that Anna has. */
  async function taken(nick: string, text?: string): Promise<{ vera: Page; chat: ChatJson }> {
    const begun = await begin(nick, text);
    const contact = foyer.contact(begun.vera);
    await until(() => anna.texts(contact).length > 0, 'the question at Anna');
    await anna.say(contact, 'Anna is here');
    await until(async () => (await recorded(begun.chat.id)).state === 'active', 'Anna’s chat');
    return begun;
  }

  async function recorded(id: number) {
    const [row] = await foyer.select(
      `SELECT chats.state, chats.closed_by, operators.name AS operator, departments.name AS department FROM chats
         LEFT JOIN operators ON operators.id = chats.operator_id JOIN departments ON departments.id = chats.department_id WHERE chats.id = ?`,
      [id],
    );
    return row as { state: string; closed_by: string | null; operator: string | null; department: string };
  }

  const row = (tab: Tab, list: string, nick: string) => tab.locator(`#${list} > li`, { hasText: nick });
  const press = (tab: Tab, word: string, { number }: ChatJson) =>
    tab.getByRole('button', { name: `${word} chat ${number}`, exact: true }).click();
  const notReloaded = (tab: Tab) => tab.evaluate('window.notReloaded === true');

  it('shows who begins to wait and who takes the chat, without a reload, and what visitors write as text', async () => {
    const tab = await supervisors.signedIn();
    await tab.locator('#queue-none').waitFor();
    const nick = `Vera ${HOSTILE}`;
    const { vera, chat } = await begin(nick, HOSTILE);
    await row(tab, 'queue', nick).waitFor();
    expect(await row(tab, 'queue', nick).textContent()).to.include('2 operators are asked');
    expect(await tab.locator('.tile', { hasText: 'waiting' }).locator('dd').textContent()).to.equal('1');
    await until(() => anna.texts(foyer.contact(vera)).length > 0, 'the question at Anna');
    await anna.say(foyer.contact(vera), 'Anna is here');
    await row(tab, 'active', nick).waitFor();
    await row(tab, 'active', 'with Anna').waitFor();
    await tab.locator('#queue-none').waitFor();
    await press(tab, 'Watch', chat);
    await tab.locator('#reader li', { hasText: HOSTILE }).first().waitFor();
    await vera.say(chat.id, `Still ${HOSTILE}`);
    await tab.locator('#reader li', { hasText: `Still ${HOSTILE}` }).waitFor();
    expect(await tab.locator('img').count()).to.equal(0);
    expect(await tab.title()).to.equal('Foyer: supervision');
    expect(await notReloaded(tab)).to.equal(true);
  });

  it('transfers a chat to an operator, who accepts in the client, and to a department', async () => {
    const tab = await supervisors.signedIn();
    const { chat } = await taken('Theo');
    await row(tab, 'active', 'Theo').waitFor();
    await press(tab, 'Transfer', chat);
    expect(await tab.locator('#target option').allTextContents()).to.deep.equal(['Bert', 'Sales', 'Support']);
    await tab.locator('#target').selectOption({ label: 'Bert' });
    await tab.locator('#note').fill('Knows about bicycles');
    await tab.locator('#ask-yes').click();
    await tab.locator('#ask').waitFor({ state: 'hidden' });
    await until(() => bert.texts().some((text) => text.includes('Knows about bicycles')), 'Bert asked');
    await row(tab, 'active', 'with Anna, Bert is asked').waitFor();
    await bert.say(`foyer@${foyer.settings.ejabberd.host}`, `!accept ${chat.number}`);
    await row(tab, 'active', 'with Bert').waitFor();
    expect((await recorded(chat.id)).operator).to.equal('Bert');

    await press(tab, 'Transfer', chat);
    await tab.locator('#target').selectOption({ label: 'Sales' });
    await tab.locator('#ask-yes').click();
    await row(tab, 'queue', 'Sales').waitFor();
    expect(await recorded(chat.id)).to.include({ state: 'waiting', operator: null, department: 'Sales' });
  });

  it('ends a chat when it is sure, and says why it can’t do something', async () => {
    const tab = await supervisors.signedIn();
    const { vera, chat } = await taken('Emil');
    await row(tab, 'active', 'Emil').waitFor();
    await press(tab, 'End', chat);
    await tab.locator('#ask-no').click();
    expect((await recorded(chat.id)).state).to.equal('active');
    const before = anna.texts(foyer.contact(vera)).length;
    await press(tab, 'End', chat);
    await tab.locator('#ask-yes').click();
    await row(tab, 'active', 'Emil').waitFor({ state: 'detached' });
    expect(await recorded(chat.id)).to.include({ state: 'closed', closed_by: 'helpdesk' });
    await until(() => anna.texts(foyer.contact(vera)).length > before, 'Anna told of the end');

    const { chat: other } = await taken('Olga');
    await row(tab, 'active', 'Olga').waitFor();
    await press(tab, 'Transfer', other);
    await tab.locator('#target').selectOption({ label: 'Bert' });
    await bert.presence('dnd');
    await until(async () => (await foyer.show('bert')) === 'dnd', 'Bert busy');
    await tab.locator('#ask-yes').click();
    await tab.locator('#ask-refusal', { hasText: 'Bert isn’t there.' }).waitFor();
    expect((await recorded(other.id)).operator).to.equal('Anna');
  });

  it('passes a chat on from the one operator who is asked', async () => {
    await bert.presence('dnd');
    await until(async () => (await foyer.show('bert')) === 'dnd', 'Bert busy');
    const tab = await supervisors.signedIn();
    const { chat } = await begin('Paul');
    await row(tab, 'queue', 'Anna is asked').waitFor();
    await press(tab, 'Pass on', chat);
    await tab.locator('#ask-yes').click();
    await row(tab, 'queue', 'nobody is asked').waitFor();
    const [offer] = await foyer.select('SELECT state FROM offers WHERE chat_id = ?', [chat.id]);
    expect(offer?.['state']).to.equal('declined');
  });

  it('finds earlier chats by what was said, reads them, and draws today’s curves', async () => {
    const { chat } = await taken('Xenia', `My tandem squeaks ${HOSTILE}`);
    expect((await close(chat.id)).status).to.equal(200);
    const tab = await supervisors.signedIn();
    await tab.locator('#words').fill('tandem squeak');
    await tab.locator('#words').press('Enter');
    await row(tab, 'results', 'Xenia').waitFor();
    expect(await tab.locator('#results > li').count()).to.equal(1);
    await press(tab, 'Read', chat);
    await tab.locator('#reader li.visitor', { hasText: `My tandem squeaks ${HOSTILE}` }).waitFor();
    await tab.locator('#reader li.operator', { hasText: 'Anna is here' }).waitFor();
    await tab.keyboard.press('Escape');
    await tab.locator('#reader').waitFor({ state: 'hidden' });
    await tab.locator('#words').fill('unicycle');
    await tab.locator('#words').press('Enter');
    await tab.locator('#found', { hasText: 'Nothing found.' }).waitFor();
    const [today] = await foyer.select('SELECT COUNT(*) AS count, SUM(accepted_at IS NOT NULL) AS answered FROM chats');
    const said = `Today: ${today?.['count']} chats, ${today?.['answered']} answered`;
    await tab.locator(`#counts[aria-label^="${said}"] canvas`).waitFor();
    await tab.locator('#waits canvas').waitFor();
  });

  it('takes a key that holds and has the scope, and is back at the sign-in when it is revoked', async () => {
    const tab = await supervisors.open();
    await supervisors.signIn(tab, `${supervisors.key}x`);
    await tab.locator('#word', { hasText: 'wrong, has expired or was revoked' }).waitFor();
    await supervisors.signIn(tab, await newKey(foyer, ['visitors', 'operators']));
    await tab.locator('#word', { hasText: 'lacks the scope chats' }).waitFor();
    const lost = await newKey(foyer, ['chats'], 'lost');
    await supervisors.signIn(tab, lost);
    await tab.locator('#board').waitFor();
    const kept = (storage: string) => tab.evaluate(`JSON.stringify(${storage})`);
    expect(await kept('sessionStorage')).to.include(lost);
    expect(await kept('localStorage')).to.equal('{}');
    expect(tab.url()).to.equal(`${foyer.base}/supervisor`);
    await tab.reload();
    await tab.locator('#board').waitFor();
    const { chat } = await begin('Rosa');
    await row(tab, 'queue', 'Rosa').waitFor();
    await press(tab, 'Watch', chat);
    await run(foyer.bridge.core.pool, "UPDATE api_keys SET revoked_at = NOW(3) WHERE name = 'lost'");
    await tab.locator('#word', { hasText: 'was revoked' }).waitFor();
    expect(await kept('sessionStorage')).to.equal('{}');
    expect(await tab.locator('#board').isVisible()).to.equal(false);
    expect(await tab.locator('#reader').isVisible()).to.equal(false);
    expect(await tab.locator('.chats li').count()).to.equal(0);
    await supervisors.signIn(tab);
    await tab.locator('#board').waitFor();
    await tab.locator('#out').click();
    await tab.locator('#sign-in').waitFor();
    expect(await kept('sessionStorage')).to.equal('{}');
  });

  it('shows what happens at another bridge, and comes back when its own was away', async () => {
    const there = await supervisors.signedIn(`http://127.0.0.1:${second.port}`);
    const here = await supervisors.signedIn();
    await taken('Yves');
    await row(there, 'active', 'with Anna').waitFor();
    await row(here, 'active', 'with Anna').waitFor();
    await foyer.stopBridge();
    await here.locator('#state', { hasText: 'No connection' }).waitFor();
    await foyer.startBridge();
    await until(async () => (await here.locator('#state').textContent()) === '', 'the connection', 40, 100);
    await begin('Zoe');
    await row(here, 'queue', 'Zoe').waitFor();
    expect(await notReloaded(here)).to.equal(true);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [360, 1200])
      it(`has no faults for axe and fits ${width} px, ${colorScheme}`, async () => {
        await taken('Gesine with a name that is longer than a telephone is wide, and then some');
        await begin('Hans');
        const tab = await supervisors.open({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
        const faults = () => faultsOf(tab);
        const tooWide = () => tab.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(await faults(), 'sign-in').to.deep.equal([]);
        await supervisors.signIn(tab);
        await row(tab, 'queue', 'Hans').waitFor();
        await tab.locator('#counts canvas').waitFor();
        for (const part of await tab.locator('summary').all()) await part.click();
        await tab.locator('#bans-word', { hasText: 'lacks the scope visitors' }).waitFor();
        await tab.locator('#search button').click();
        await tab.locator('#found:not(:empty)').waitFor();
        expect(await faults(), 'board').to.deep.equal([]);
        expect(await tooWide()).to.equal(0);
        // By the keyboard alone.
        await row(tab, 'active', 'Gesine').getByRole('button', { name: 'Transfer' }).focus();
        await tab.keyboard.press('Enter');
        await tab.locator('#ask').waitFor();
        expect(await faults(), 'question').to.deep.equal([]);
        await tab.keyboard.press('Escape');
        await tab.locator('#ask').waitFor({ state: 'hidden' });
        await row(tab, 'active', 'Gesine').getByRole('button', { name: 'Ban' }).focus();
        await tab.keyboard.press('Enter');
        await tab.locator('#ask-ban').waitFor();
        expect(await faults(), 'ban').to.deep.equal([]);
        expect(await tooWide()).to.equal(0);
        await tab.keyboard.press('Escape');
        await tab.locator('#ask').waitFor({ state: 'hidden' });
        await row(tab, 'active', 'Gesine').getByRole('button', { name: 'Watch' }).focus();
        await tab.keyboard.press('Enter');
        await tab.locator('#reader li', { hasText: 'Anna is here' }).waitFor();
        expect(await faults(), 'reader').to.deep.equal([]);
        expect(await tooWide()).to.equal(0);
      });
});
