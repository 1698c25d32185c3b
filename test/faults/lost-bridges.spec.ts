import { expect } from 'chai';
import { freePort } from '../../bridge/stack/ports.js';
import { TestFoyer } from '../support/bridge.js';
import { environmentOf, spawnFoyer, type RunningCli } from '../support/cli.js';
import type { OperatorClient } from '../support/operator-client.js';
import { Page } from '../support/page.js';
import { until } from '../support/until.js';
import { numbered, recorded } from '../e2e/edges/talk.js';
import { Link } from './support/link.js';

/** By then it has found its connections ended, and would have come back. */
const RENEWALS = 3;

describe('a bridge that was paused while another took over its sessions', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let paused: RunningCli;
  let database: Link;
  let anna: OperatorClient;
  let port: number;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    database = await Link.open('database', () => foyer.db.port);
    port = await freePort();
    const env = {
      ...environmentOf(foyer.settings),
      FOYER_HTTP_PORT: String(port),
      FOYER_DATABASE_PORT: String(database.port),
      FOYER_LOG_LEVEL: 'info',
    };
    paused = spawnFoyer(['serve'], { env });
    await paused.sees('bridge runs', 30);
  });

  after(async () => {
    paused.signal('SIGKILL');
    await paused.done;
    await database.close();
    await foyer.stop();
  });

  const presences = (contact: string, from = 0) =>
    anna.received
      .slice(from)
      .filter((one) => one.is('presence') && one.attrs['from']?.startsWith(`${contact}/`))
      .map((one) => one.attrs['type'] ?? 'available');
  const heldBy = async (process: string) =>
    new Set(
      (
        await foyer.select(
          'SELECT accounts.local FROM lanes JOIN processes ON processes.id = lanes.home JOIN accounts ON accounts.id = lanes.account_id WHERE processes.name LIKE ?',
          [`%:${process}`],
        )
      ).map((row) => `${row['local'] as string}@${foyer.settings.ejabberd.host}`),
    );

  it('leaves them to its successor, whether the database answers it or not, and begins anew', async () => {
    const pages = Array.from({ length: 6 }, () => new Page(`http://127.0.0.1:${port}`));
    const chats: { page: Page; chatId: number; contact: string }[] = [];
    for (const page of pages) {
      await page.visit();
      const { id: chatId } = await page.startChat('Hello');
      chats.push({ page, chatId, contact: foyer.contact(page) });
      await until(() => anna.texts(foyer.contact(page)).includes('Hello'), 'the question');
    }
    const held = await heldBy(String(port));
    const moved = chats.filter(({ contact }) => held.has(contact));
    expect(moved.length, 'sessions at the one that is paused').to.be.greaterThan(0);

    let mark = anna.received.length;
    paused.signal('SIGSTOP');
    for (const { contact } of moved)
      await until(() => presences(contact, mark).at(-1) === 'available', `${contact} at the successor`, 40);
    mark = anna.received.length;
    database.stall();
    paused.signal('SIGCONT');
    const texts = numbered('after', 10);
    for (const { page, chatId, contact } of moved) {
      const here = foyer.page();
      Object.assign(here, { token: page.token, visitorId: page.visitorId });
      for (const text of texts) expect((await here.say(chatId, text)).status).to.equal(202);
      await until(() => anna.texts(contact).includes('after 10'), 'the next words');
    }
    await until(
      () => paused.out().split('not reachable').length > RENEWALS,
      'the other to have tried to renew again and again',
      40,
    );
    database.mend();
    expect(await paused.done, 'it asks to be started again').to.equal(75);
    for (const { chatId, contact } of moved) {
      expect(presences(contact, mark), `${contact} stays online`).to.not.include('unavailable');
      expect(anna.texts(contact)).to.deep.equal(['Hello', ...texts]);
      expect(await recorded(foyer, chatId)).to.deep.equal(['Hello', ...texts]);
      expect((await heldBy(String(foyer.settings.http.port))).has(contact)).to.equal(true);
    }
  });
});
