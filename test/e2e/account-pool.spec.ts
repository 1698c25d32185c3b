import { expect } from 'chai';
import { changeDesk, lockDesk } from '../../bridge/domain/instances/desks.js';
import { TestFoyer } from '../support/bridge.js';
import type { OperatorClient } from '../support/operator-client.js';
import type { ChatJson, Page } from '../support/page.js';
import { until } from '../support/until.js';

describe('five visitors of a desk that has two accounts', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  const talks: { page: Page; chat: ChatJson }[] = [];

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna');
    await setPool('queue');
    const ready = async () =>
      (await foyer.select("SELECT id FROM accounts WHERE pooled = 1 AND state = 'ready'")).length === 2;
    await until(ready, 'the accounts on ejabberd');
  });
  after(() => foyer.stop());

  const setPool = (whenUsedUp: 'queue' | 'refuse') =>
    foyer.bridge.core.transactions.alone(async (tx) =>
      changeDesk(tx, await lockDesk(tx, 1, 1), { pool: { size: 2, whenUsedUp, sessionDelaySeconds: 1 } }),
    );

  /** The contact that stands for a visitor now; undefined while it has none. */
  async function contactOf({ visitorId }: Page): Promise<string | undefined> {
    const [row] = await foyer.select(
      'SELECT accounts.local FROM pool_accounts JOIN accounts ON accounts.id = pool_accounts.account_id WHERE pool_accounts.visitor_id = ?',
      [visitorId],
    );
    return row && `${row['local'] as string}@${foyer.settings.ejabberd.host}`;
  }
  const talk = (i: number) => talks[i] as (typeof talks)[number];
  const untilHeard = async (i: number, text: string) => {
    const contact = await until(async () => (await contactOf(talk(i).page)) ?? null, `visitor ${i} has a contact`, 30);
    await until(() => anna.texts(contact).includes(text), `Anna reads ${text}`, 30);
    return contact;
  };

  it('shows two of them, and the others wait', async () => {
    for (let i = 0; i < 5; i += 1) {
      const page = foyer.page();
      await page.visit();
      talks.push({ page, chat: await page.startChat(`I am ${i}`, { nick: `Vera ${i}` }) });
    }
    const contacts = [await untilHeard(0, 'I am 0'), await untilHeard(1, 'I am 1')];
    expect(new Set(contacts).size).to.equal(2);
    for (const i of [2, 3, 4]) {
      const waits = await talk(i).page.chat(talk(i).chat.id);
      expect([waits.state, (waits as ChatJson & { position: number }).position]).to.deep.equal(['waiting', i - 1]);
      expect(await contactOf(talk(i).page)).to.equal(undefined);
    }
    expect(anna.received.filter((stanza) => (stanza.getChildText('body') ?? '').startsWith('I am'))).to.have.length(2);
  });

  it('gives an account to the next in turn when its chat is over, over a restart too, and keeps late words from it', async () => {
    const contact = await untilHeard(0, 'I am 0');
    await anna.say(contact, 'Hello 0');
    await talk(0).page.untilMessages(talk(0).chat.id, 'the answer', (list) =>
      list.some(({ text }) => text === 'Hello 0'),
    );
    // What Anna writes now is on its way for so long that somebody else is there when it arrives.
    let letGo = (): void => undefined;
    foyer.gate.behave = { hold: new Promise<void>((resolve) => (letGo = resolve)) };
    const seen = foyer.gate.requests;
    await anna.say(contact, 'late words for 0');
    await until(() => foyer.gate.requests > seen, 'mod_foyer has sent it');
    await talk(0).page.call('POST', `/chats/${talk(0).chat.id}/close`);
    await foyer.stopBridge();
    await foyer.startBridge();
    expect(await untilHeard(2, 'I am 2')).to.equal(contact);
    foyer.gate.behave = {};
    letGo();
    await until(() => anna.texts(contact).some((text) => text.includes('for the visitor before')), 'Anna is told', 30);
    await anna.say(contact, 'Hello 2');
    const heard = await talk(2).page.untilMessages(talk(2).chat.id, 'the answer', (list) =>
      list.some(({ text }) => text === 'Hello 2'),
    );
    expect(heard.map(({ text }) => text)).to.deep.equal(['I am 2', 'Hello 2']);
    const earlier = await talk(0).page.messages(talk(0).chat.id);
    expect(earlier.map(({ text }) => text)).to.deep.equal(['I am 0', 'Hello 0']);
  });

  it('refuses further ones, where it is so set', async () => {
    await setPool('refuse');
    const page = foyer.page();
    await page.visit();
    const refused = await page.call<{ code: string; reason: string }>('POST', '/chats', { desk: 'main', text: 'Hi' });
    expect(refused.status).to.equal(409);
    expect(JSON.stringify(refused.body)).to.contain('no_account_free');
  });
});
