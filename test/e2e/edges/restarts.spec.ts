import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, numbered, recorded, type Talk } from './talk.js';

describe('restarts', () => {
  let foyer: TestFoyer;
  let operator: { user: string; password: string };
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    operator = await foyer.addOperator('anna', 'Anna');
    anna = await foyer.client(operator);
  });

  after(() => foyer.stop());

  const changed = (from: number, contact: string, type: string | undefined) =>
    until(
      () =>
        anna.received
          .slice(from)
          .some(
            (one) => one.is('presence') && one.attrs['type'] === type && one.attrs['from']?.startsWith(`${contact}/`),
          ),
      `${contact} ${type ?? 'available'}`,
      20,
    );
  const receipts = (client: OperatorClient) =>
    new Set(
      client.received
        .map((stanza) => stanza.getChild('received', 'urn:xmpp:receipts')?.attrs['id'])
        .filter((id) => id !== undefined),
    );

  it('of the bridge take contacts offline and bring them back without a page view', async () => {
    const talk = await beginTalk(foyer, anna);
    const silent = foyer.page();
    await silent.visit();
    await changed(0, foyer.contact(silent), undefined);
    let seen = anna.received.length;
    await foyer.stopBridge();
    await changed(seen, talk.contact, 'unavailable');
    await changed(seen, foyer.contact(silent), 'unavailable');
    seen = anna.received.length;
    await foyer.startBridge();
    await changed(seen, talk.contact, undefined);
    await changed(seen, foyer.contact(silent), undefined);
  });

  it('of the bridge end within seconds while pages listen, and these go on where they were', async () => {
    const talk = await beginTalk(foyer, anna);
    await talk.page.untilMessages(talk.chatId, 'acknowledged', ([message]) => message?.state === 'acked');
    const { cursor } = await talk.page.chat(talk.chatId);
    const listening = Array.from({ length: 5 }, () =>
      talk.page.call<{ events: unknown[]; cursor: string }>('GET', `/events?cursor=${cursor}&wait=25`),
    );
    await until(() => foyer.bridge.core.wake.pagesOpen === 5, 'five listeners');
    await foyer.stopBridge();
    for (const { status, body } of await Promise.all(listening))
      expect([status, body.events, body.cursor]).to.deep.equal([200, [], cursor]);
    await anna.say(talk.contact, 'Meanwhile');
    await foyer.startBridge();
    await talk.page.untilMessages(talk.chatId, 'what was said meanwhile', (list) => list.at(-1)?.text === 'Meanwhile');
    const { body } = await talk.page.call<{ events: { kind: string }[] }>('GET', `/events?cursor=${cursor}&wait=5`);
    expect(body.events.filter(({ kind }) => kind === 'message')).to.have.length(1);
  });

  it('of both deliver once, in order, what was on its way', async () => {
    const talk = await beginTalk(foyer, anna);
    await foyer.ejabberd.kill();
    const texts = numbered('waiting', 10);
    for (const text of texts) expect((await talk.page.say(talk.chatId, text)).status).to.equal(202);
    await foyer.stopBridge();
    await foyer.ejabberd.restart();
    anna = await foyer.client(operator);
    await foyer.startBridge();
    await until(() => anna.texts(talk.contact).includes('waiting 10'), 'the last of them', 25);
    await talk.page.say(talk.chatId, 'behind them');
    await until(() => anna.texts(talk.contact).includes('behind them'), 'what was said later');
    expect(anna.texts(talk.contact)).to.deep.equal([...texts, 'behind them']);
  });

  it('of ejabberd by kill -9 under load lose and double nothing, in both directions', async function () {
    this.timeout(60_000);
    const talk = await beginTalk(foyer, anna);
    const fromPage = numbered('page', 300);
    const posting = (async () => {
      for (const text of fromPage) expect((await talk.page.say(talk.chatId, text)).status).to.equal(202);
    })();
    const fromOperator = numbered('operator', 300);
    const sent = fromOperator.map((text) => ({ text, id: crypto.randomUUID() }));
    const before = anna;
    const killed = killWhen(() => receipts(before).size >= 60);
    for (const { text, id } of sent) await before.say(talk.contact, text, { id, receipt: true }).catch(() => undefined);
    await killed;
    await foyer.ejabberd.restart();
    anna = await foyer.client(operator);
    // What a client does that has lost its stream: everything that it has no receipt for it sends again, under the same id.
    const had = receipts(before);
    for (const { text, id } of sent) if (!had.has(id)) await anna.say(talk.contact, text, { id, receipt: true });
    await posting;
    await until(
      async () => (await recorded(foyer, talk.chatId)).includes('operator 300'),
      'the last in the record',
      30,
    );
    const texts = await recorded(foyer, talk.chatId);
    expect(texts.filter((text) => text.startsWith('page'))).to.deep.equal(fromPage);
    expect(texts.filter((text) => text.startsWith('operator'))).to.deep.equal(fromOperator);
    await until(() => anna.texts(talk.contact).includes('page 300'), 'the last at the operator', 30);
    // What the dying server had taken but not yet written to the operator's socket comes again; what it had written may come twice, under the same id.
    const heard = [
      ...new Map([...before.received, ...anna.received].map((stanza) => [stanza.attrs['id'], stanza])).values(),
    ]
      .map((stanza) => ({
        text: stanza.getChildText('body') ?? '',
        stored: stanza.getChild('delay', 'urn:xmpp:delay') !== undefined,
      }))
      .filter(({ text }) => text.startsWith('page '));
    expect(heard.map(({ text }) => text))
      .to.have.members(fromPage)
      .and.have.length(300);
    // ejabberd hands out what it stored for an absent operator beside what comes just then, with the time of each (XEP-0203): either is in order.
    for (const stored of [true, false]) {
      const texts = heard.filter((one) => one.stored === stored).map(({ text }) => text);
      expect(texts).to.deep.equal(fromPage.filter((text) => texts.includes(text)));
    }
    await checkNothingWaits(talk);
  });

  it('of ejabberd by kill -9 just after an operator and a visitor were made leave both among each other’s contacts', async function () {
    this.timeout(60_000);
    const olga = await foyer.addOperator('olga', 'Olga');
    const page = foyer.page();
    await page.visit();
    const local = `visitor.${page.visitorId}`;
    await until(
      async () => (await foyer.select('SELECT state FROM accounts WHERE local = ?', [local]))[0]?.['state'] === 'ready',
      'the visitor on ejabberd',
    );
    await foyer.ejabberd.kill();
    await foyer.ejabberd.restart();
    const client = await foyer.client(olga);
    await page.startChat('Is anybody there?');
    await until(() => client.texts(foyer.contact(page)).includes('Is anybody there?'), 'the words', 30);
    await client.stop();
  });

  async function killWhen(condition: () => boolean): Promise<void> {
    await until(condition, 'enough under way');
    await foyer.ejabberd.kill();
  }

  /** All that was accepted has left the outbox and the spool. */
  async function checkNothingWaits({ page }: Talk): Promise<void> {
    const lane = `a:${(await foyer.select('SELECT account_id FROM visitors WHERE id = ?', [page.visitorId]))[0]?.['account_id'] as number}`;
    await until(
      async () => (await foyer.select('SELECT id FROM outbox WHERE lane = ?', [lane])).length === 0,
      'an empty outbox',
    );
    expect(await foyer.select('SELECT id FROM dead_letters')).to.deep.equal([]);
  }
});
