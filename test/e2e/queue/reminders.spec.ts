import { expect } from 'chai';
import { remindSilent } from '../../../bridge/domain/chats/remind.js';
import { createUpkeep } from '../../../bridge/storage/upkeep-store.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import type { Talk } from '../edges/talk.js';

const WAITS = 'The visitor waits for your answer.';
const STILL_THERE = 'Sind Sie noch da? Ihre Antwort wird erwartet.';

describe('reminders', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start({ environment: { FOYER_PROCESS_ROLES: 'http,deliver' } });
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(() => set('remind_visitor_seconds = NULL, remind_operator_seconds = NULL'));

  after(() => foyer.stop());

  const set = (settings: string) => foyer.select(`UPDATE departments SET ${settings}`);
  /** As if all this had been said, and the last reminder been sent, so many seconds earlier. */
  async function pass(seconds: number): Promise<void> {
    await foyer.select('UPDATE messages SET created_at = created_at - INTERVAL ? SECOND', [seconds]);
    await foyer.select('UPDATE chats SET accepted_at = accepted_at - INTERVAL ? SECOND', [seconds]);
  }
  /** The job, at two processes at once. */
  async function look(): Promise<number> {
    const { pool, transactions } = foyer.bridge.core;
    const one = () => remindSilent(createUpkeep(pool), transactions);
    const [first, second] = await Promise.all([one(), one()]);
    return first + second;
  }
  const reminded = ({ contact }: Talk) => anna.texts(contact).filter((text) => text.includes(WAITS)).length;
  const shown = async ({ page, chatId }: Talk) =>
    (await page.messages(chatId)).filter(({ sender, text }) => sender === 'system' && text === STILL_THERE).length;

  /** A chat of Anna's. */
  async function talk(answered: boolean): Promise<Talk> {
    const page = foyer.page();
    await page.visit({ language: 'de' });
    const { id: chatId } = await page.startChat('Hallo');
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).length > 0, 'the words at the operator');
    if (answered) {
      await anna.say(contact, 'Guten Tag');
      await page.untilMessages(chatId, 'the answer', (list) => list.length === 2);
    } else {
      await anna.say(contact, '!accept');
      await until(async () => (await page.chat(chatId)).state === 'active', 'Anna has it');
    }
    return { page, chatId, contact };
  }

  it('come to a silent visitor once for each answer, in the visitor’s language, and only on the site', async () => {
    const one = await talk(true);
    expect(await look(), 'nobody asked for any').to.equal(0);
    await set('remind_visitor_seconds = 60');
    expect(await look(), 'too early').to.equal(0);
    await pass(61);
    expect(await look()).to.equal(1);
    await one.page.untilMessages(one.chatId, 'the reminder', (list) => list.at(-1)?.text === STILL_THERE);
    await pass(61);
    expect(await look(), 'once').to.equal(0);
    await anna.say(one.contact, 'Noch etwas');
    await one.page.untilMessages(one.chatId, 'another answer', (list) => list.at(-1)?.text === 'Noch etwas');
    await pass(61);
    await foyer.select('UPDATE visitors SET online = 0');
    expect(await look(), 'the visitor isn’t there').to.equal(0);
    await one.page.visit();
    await foyer.stopBridge();
    await foyer.startBridge();
    expect(await look()).to.equal(1);
    expect(await look()).to.equal(0);
    expect(await shown(one)).to.equal(2);
    await one.page.call('POST', `/chats/${one.chatId}/close`, {});
  });

  it('come to a silent owner so many times, and stop with the answer', async () => {
    await set("remind_operator_seconds = 30, remind_operator_times = 2, unanswered = 'keep'");
    const one = await talk(false);
    expect(await look()).to.equal(0);
    await pass(31);
    expect(await look()).to.equal(1);
    await until(() => reminded(one) === 1, 'the first reminder');
    expect(await look()).to.equal(0);
    await one.page.say(one.chatId, 'Hallo?');
    expect(await look(), 'more words don’t put it off, nor hurry it').to.equal(0);
    await pass(30);
    expect(await look()).to.equal(1);
    await until(() => reminded(one) === 2, 'the second reminder');
    await pass(300);
    expect(await look(), 'no third').to.equal(0);
    expect((await one.page.chat(one.chatId)).state).to.equal('active');
    await anna.say(one.contact, 'Ich bin da');
    await one.page.untilMessages(one.chatId, 'the answer', (list) => list.at(-1)?.text === 'Ich bin da');
    await one.page.say(one.chatId, 'Danke');
    await pass(31);
    expect(await look(), 'other words').to.equal(1);
    await one.page.call('POST', `/chats/${one.chatId}/close`, {});
  });

  it('end with the chat waiting for somebody else, where that is wanted', async () => {
    await set("remind_operator_seconds = 30, remind_operator_times = 1, unanswered = 'queue'");
    const one = await talk(false);
    await pass(31);
    expect(await look()).to.equal(1);
    const bert = await foyer.operator('bert', 'Bert');
    await pass(30);
    expect(await look()).to.equal(1);
    await until(() => anna.texts(one.contact).some((text) => text.includes('You have not answered')), 'a word to Anna');
    await until(() => bert.texts(one.contact).some((text) => text.includes('Anna has handed over')), 'Bert is asked');
    expect((await one.page.chat(one.chatId)).state).to.equal('offered');
    await bert.say(one.contact, 'Ich übernehme');
    await one.page.untilMessages(one.chatId, 'Bert’s answer', (list) => list.at(-1)?.name === 'Bert');
    expect(await look()).to.equal(0);
  });
});
