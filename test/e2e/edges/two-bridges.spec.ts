import { expect } from 'chai';
import { startBridge, type Bridge } from '../../../bridge/compose.js';
import { createLog } from '../../../bridge/observe/log.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { numbered, recorded } from './talk.js';

describe('two bridges over one database', () => {
  let foyer: TestFoyer;
  let second: Bridge;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    const { settings } = foyer;
    second = await startBridge(
      { ...settings, http: { ...settings.http, port: await freePort() } },
      { log: createLog('silent') },
    );
    anna = await foyer.operator('anna', 'Anna');
  });

  after(async () => {
    await second.close();
    await foyer.stop();
  });

  const atSecond = () => new Page(`http://127.0.0.1:${second.port}`);
  const contactSeen = (page: Page, from = 0) =>
    until(
      () => {
        const states = anna.received
          .slice(from)
          .filter((one) => one.is('presence') && one.attrs['from']?.startsWith(`${foyer.contact(page)}/`));
        return states.length > 0 && states.at(-1)?.attrs['type'] === undefined;
      },
      `${foyer.contact(page)} online`,
    );

  it('let a page that listens at one hear what the other has committed', async () => {
    const page = atSecond();
    await page.visit();
    const { id: chatId } = await page.startChat('Hello');
    await until(() => anna.texts(foyer.contact(page)).includes('Hello'), 'the question');
    // ejabberd delivers to the first bridge; the page listens at the second.
    let cursor = (await page.chat(chatId)).cursor;
    const heard: string[] = [];
    const listening = (async () => {
      while (!heard.includes('answer 20')) {
        const { body } = await page.call<{ events: { data: { message?: { text: string } } }[]; cursor: string }>(
          'GET',
          `/events?cursor=${cursor}&wait=20`,
        );
        cursor = body.cursor;
        heard.push(...body.events.flatMap(({ data }) => (data.message ? [data.message.text] : [])));
      }
    })();
    for (const text of numbered('answer', 20)) await anna.say(foyer.contact(page), text);
    // A poll that nobody wakes would end after 20 s.
    await until(() => heard.includes('answer 20'), 'the last answer', 10);
    await listening;
    expect(heard).to.deep.equal(numbered('answer', 20));
  });

  it('send what pages say at either in the order of the record, once', async () => {
    const [here, there] = [foyer.page(), atSecond()];
    await here.visit();
    there.token = here.token;
    there.visitorId = here.visitorId;
    const { id: chatId } = await here.startChat('Hello');
    const say = async (page: Page, name: string) => {
      for (const text of numbered(name, 40)) expect((await page.say(chatId, text)).status).to.equal(202);
    };
    await Promise.all([say(here, 'first'), say(there, 'second')]);
    const contact = foyer.contact(here);
    await until(() => anna.texts(contact).length >= 81, 'all at the operator');
    expect(anna.texts(contact)).to.deep.equal(await recorded(foyer, chatId));
  });

  it('hand over when one of them closes: contacts stay, and what comes goes on', async () => {
    const pages = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? foyer.page() : atSecond()));
    for (const page of pages) await page.visit();
    for (const page of pages) await contactSeen(page);
    const held = await foyer.select(
      "SELECT accounts.local FROM lanes JOIN processes ON processes.id = lanes.home JOIN accounts ON accounts.id = lanes.account_id WHERE processes.name LIKE ? AND kind = 'visitor'",
      [`%:${second.port}`],
    );
    const moved = pages.filter((page) =>
      held.some((row) => foyer.contact(page).startsWith(`${row['local'] as string}@`)),
    );
    expect(moved.length, 'sessions at the one that closes').to.be.greaterThan(0);
    const mark = anna.received.length;
    await second.close();
    for (const page of moved) await contactSeen(page, mark);
    for (const page of pages) {
      const survivor = foyer.page();
      survivor.token = page.token;
      survivor.visitorId = page.visitorId;
      const { id } = await survivor.startChat('Still there?');
      await until(() => anna.texts(foyer.contact(survivor)).includes('Still there?'), 'the next words');
      expect(await recorded(foyer, id)).to.deep.equal(['Still there?']);
    }
  });
});
