import { expect } from 'chai';
import type { Strategy } from '../../../bridge/domain/queue/department.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { notices } from '../edges/talk.js';

describe('a department that asks its operators', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let bert: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
  });

  after(() => foyer.stop());

  afterEach(async () => {
    const open = await foyer.select('SELECT id FROM chats WHERE closed_at IS NULL');
    for (const page of pages.splice(0)) for (const { id } of open) await page.call('POST', `/chats/${id}/close`, {});
    await until(
      async () => (await foyer.select('SELECT id FROM chats WHERE closed_at IS NULL')).length === 0,
      'all chats closed',
    );
    await foyer.select('UPDATE operators SET max_chats = 1000');
  });

  const pages: Page[] = [];

  async function set(settings: { strategy: Strategy } & Record<string, string | number | null>): Promise<void> {
    const all = {
      offer_seconds: null,
      returning_first: 0,
      overflow_department_id: null,
      overflow_seconds: null,
      ...settings,
    };
    for (const [column, value] of Object.entries(all))
      await foyer.select(`UPDATE departments SET ${column} = ? WHERE id = 1`, [value]);
  }

  async function begin(text: string): Promise<{ page: Page; chatId: number; number: number; contact: string }> {
    const page = foyer.page();
    pages.push(page);
    await page.visit({ nick: 'Vera' });
    const { id: chatId, number } = await page.startChat(text);
    return { page, chatId, number, contact: foyer.contact(page) };
  }

  /** Whom of the two the chat is shown to, now or soon. */
  async function shownTo(contact: string): Promise<OperatorClient> {
    return until(() => [anna, bert].find((client) => client.texts(contact).length > 0), 'somebody is asked');
  }

  const otherThan = (client: OperatorClient) => (client === anna ? bert : anna);

  it('one after the other: who declines isn’t asked again, the next one is, and nobody else before', async () => {
    await set({ strategy: 'one', offer_seconds: 600 });
    const { page, chatId, number, contact } = await begin('One at a time');
    expect((await page.chat(chatId)).state).to.equal('offered');
    const first = await shownTo(contact);
    const second = otherThan(first);
    await until(() => first.texts(contact).includes('One at a time'), 'the words');
    expect(notices(first, contact)[0]).to.match(
      /^\[Chat \d+\] Vera · \/pricing asks for you\. Answer here within 600 s/,
    );
    expect(second.texts(contact)).to.deep.equal([]);
    await first.say(contact, `!decline ${number}`);
    await until(() => second.texts(contact).includes('One at a time'), 'the other is asked');
    await second.say(contact, 'I am here');
    await page.untilMessages(chatId, 'the answer', (list) => list.at(-1)?.text === 'I am here');
    expect((await page.messages(chatId)).map(({ text }) => text)).to.deep.equal(['One at a time', 'I am here']);
  });

  it('one after the other: an offer that nobody answers goes on to the next', async () => {
    await set({ strategy: 'one', offer_seconds: 1 });
    const { contact } = await begin('Who answers?');
    const first = await shownTo(contact);
    await until(() => otherThan(first).texts(contact).includes('Who answers?'), 'the next one is asked');
    await until(() => notices(first, contact).some((text) => text.includes('The offer is over')), 'the first is told');
  });

  it('gives a chat without asking to whoever has the fewest, and more than the limit to nobody', async () => {
    await set({ strategy: 'direct' });
    await foyer.select('UPDATE operators SET max_chats = 1');
    const talks = [await begin('First'), await begin('Second'), await begin('Third')];
    const [first, second, third] = talks as [(typeof talks)[0], (typeof talks)[0], (typeof talks)[0]];
    const owners = await Promise.all(
      [first, second].map(async ({ page, chatId }) => (await page.chat(chatId)).operator?.name),
    );
    expect(owners.sort()).to.deep.equal(['Anna', 'Bert']);
    type Place = { position: number | null; state: string };
    expect((await third.page.chat(third.chatId)) as unknown as Place).to.include({ state: 'waiting', position: 1 });
    const listening = third.page.call<{ events: { kind: string; data: { chat?: { state: string } } }[] }>(
      'GET',
      `/events?cursor=${(await third.page.chat(third.chatId)).cursor}&wait=20`,
    );
    await first.page.call('POST', `/chats/${first.chatId}/close`, {});
    expect((await listening).body.events.some(({ data }) => data.chat?.state === 'active')).to.equal(true);
    const owner = (await first.page.chat(first.chatId)).operator?.name === 'Anna' ? anna : bert;
    await until(() => owner.texts(third.contact).includes('Third'), 'the one who is free has it');
    expect(notices(owner, third.contact)[0]).to.contain('This chat is yours: Vera · /pricing.');
  });

  it('tells those who wait their places, and when they change', async () => {
    await set({ strategy: 'direct' });
    await foyer.select('UPDATE operators SET max_chats = 1');
    const talks: Awaited<ReturnType<typeof begin>>[] = [];
    for (const text of ['a', 'b', 'c', 'd', 'e']) talks.push(await begin(text));
    const [, , , fourth, fifth] = talks as [never, never, never, (typeof talks)[0], (typeof talks)[0]];
    const place = async ({ page, chatId }: (typeof talks)[0]) =>
      ((await page.chat(chatId)) as unknown as { position: number | null }).position;
    expect([await place(fourth), await place(fifth)]).to.deep.equal([2, 3]);
    const cursor = (await fifth.page.chat(fifth.chatId)).cursor;
    await fourth.page.call('POST', `/chats/${fourth.chatId}/close`, {});
    const { body } = await fifth.page.call<{ events: { kind: string; data: object }[] }>(
      'GET',
      `/events?cursor=${cursor}&wait=20`,
    );
    expect(body.events.map(({ kind }) => kind)).to.deep.equal(['position']);
    expect(body.events[0]?.data).to.include({ position: 2 });
    expect(await place(fifth)).to.equal(2);
  });

  it('asks the operator of the last chat first when a visitor comes back', async () => {
    await set({ strategy: 'one', offer_seconds: 600, returning_first: 1 });
    const { page, chatId, contact } = await begin('Once');
    const first = await shownTo(contact);
    await first.say(contact, 'Hello');
    await page.untilMessages(chatId, 'the answer', (list) => list.length === 2);
    // By the other rules it would be the other one's turn.
    await page.call('POST', `/chats/${chatId}/close`, {});
    await page.startChat('Again');
    await until(() => first.texts(contact).includes('Again'), 'the same operator is asked');
    expect(otherThan(first).texts(contact)).to.deep.equal([]);
  });

  it('moves a chat on that has waited too long', async () => {
    await foyer.select("INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Backup', NOW(3))");
    const [backup] = await foyer.select("SELECT id FROM departments WHERE name = 'Backup'");
    const cora = await foyer.operator('cora', 'Cora');
    await foyer.select(
      "UPDATE operator_departments SET department_id = ? WHERE operator_id = (SELECT id FROM operators WHERE name = 'Cora')",
      [backup?.['id']],
    );
    await set({
      strategy: 'one',
      offer_seconds: 600,
      overflow_department_id: backup?.['id'] as number,
      overflow_seconds: 1,
    });
    const { page, chatId, contact } = await begin('Is nobody there?');
    await until(() => cora.texts(contact).includes('Is nobody there?'), 'the other department is asked');
    await cora.say(contact, 'We are');
    await page.untilMessages(chatId, 'the answer', (list) => list.at(-1)?.text === 'We are');
    await cora.stop();
  });

  it('asks nobody who is busy, paused or not to be disturbed', async () => {
    await set({ strategy: 'all' });
    await anna.presence('dnd');
    await until(async () => (await foyer.show('anna')) === 'dnd', 'Anna busy');
    const { page, chatId, contact } = await begin('Somebody?');
    await until(() => bert.texts(contact).includes('Somebody?'), 'Bert is asked');
    expect(anna.texts(contact)).to.deep.equal([]);
    await bert.presence('dnd');
    await until(async () => (await page.chat(chatId)).state === 'waiting', 'it waits');
    await anna.presence();
    await until(() => anna.texts(contact).includes('Somebody?'), 'Anna is asked');
    await bert.presence();
    await until(async () => (await foyer.show('bert')) === 'available', 'Bert back');
  });

  it('takes a chat back from an owner who is gone for long, and shows it with what was said to the next', async () => {
    await set({ strategy: 'all' });
    await foyer.select('UPDATE departments SET grace_seconds = 1');
    const dora = await foyer.addOperator('dora', 'Dora');
    const client = await foyer.client(dora);
    const { page, chatId, contact } = await begin('My parcel is lost');
    await until(() => client.texts(contact).length > 0, 'Dora is asked');
    await client.say(contact, 'I look for it');
    await page.untilMessages(chatId, 'the answer', (list) => list.length === 2);
    await client.stop();
    const told = await until(
      () => notices(anna, contact).find((text) => text.includes('Dora has handed over Vera')),
      'Anna is asked',
    );
    expect(told).to.contain('Vera: My parcel is lost\nDora: I look for it');
    expect((await page.chat(chatId)).operator).to.equal(null);
    await foyer.select('UPDATE departments SET grace_seconds = 300');
    await anna.say(contact, 'Now I do');
    await page.untilMessages(chatId, 'the answer', (list) => list.at(-1)?.text === 'Now I do');
    const again = await foyer.client(dora);
    await until(() => notices(again, contact).some((text) => text.includes('You were away for long')), 'Dora is told');
    await again.stop();
  });
});
