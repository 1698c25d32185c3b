import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { BareClient } from '../../support/bare-client.js';
import { TestFoyer } from '../../support/bridge.js';
import { sample, tellSeedOfFailures } from '../../support/malformed.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, recordOnceLater, type Talk } from '../edges/talk.js';
import { oddStanzas, type OddStanza } from './malformed-xml.js';
import { contradictions } from './record.js';

/** Through an operator's session, and through a visitor's. */
const STANZAS = { operator: 6_000, visitor: 4_000 };
/** Between two pings, and at most until the next one that may end the stream. */
const AT_ONCE = 40;

describe('malformed stanzas', function () {
  this.timeout(240_000);
  tellSeedOfFailures();
  let foyer: TestFoyer;
  let host: string;
  let anna: OperatorClient;
  let vera: Talk;
  let walt: Talk;
  const unhandled: unknown[] = [];
  const keepUnhandled = (reason: unknown) => void unhandled.push(reason);

  before(async () => {
    process.on('unhandledRejection', keepUnhandled);
    foyer = await TestFoyer.start({ environment: { FOYER_LIMITS_CHAT_BYTES: '67108864' } });
    host = foyer.settings.ejabberd.host;
    anna = await foyer.operator('anna', 'Anna');
    vera = await beginTalk(foyer, anna, 'I am Vera');
    walt = await beginTalk(foyer, anna, 'I am Walt');
    await converse('before');
  });

  after(async () => {
    process.off('unhandledRejection', keepUnhandled);
    await foyer.stop();
  });

  /** Both ways, with what a client asks for. */
  async function converse(when: string): Promise<void> {
    await anna.say(vera.contact, `${when}: can I help?`, { receipt: true });
    await vera.page.untilMessages(
      vera.chatId,
      'the answer',
      (list) => list.at(-1)?.text === `${when}: can I help?`,
      60,
    );
    await vera.page.say(vera.chatId, `${when}: yes`);
    await until(() => anna.texts(vera.contact).includes(`${when}: yes`), 'the visitor’s words', 60);
  }

  interface Account {
    user: string;
    password: string;
    resource: string;
  }

  /** Sends them all; a stream that the server rightly ended is opened again. */
  async function send(account: Account, stanzas: readonly OddStanza[]): Promise<{ sent: number; ends: number }> {
    const server = { host, c2sPort: foyer.ejabberd.c2sPort };
    let client = await BareClient.login(server, account);
    let [sent, ends] = [0, 0];
    for (let from = 0; from < stanzas.length;) {
      const stop = stanzas.findIndex(({ mayEnd }, i) => i >= from && mayEnd);
      const to = Math.min(from + AT_ONCE, stop === from ? from + 1 : stop === -1 ? Infinity : stop, stanzas.length);
      const chunk = stanzas.slice(from, to);
      client.received.length = 0;
      await client.write(chunk.map(({ text }) => text).join(''));
      const alive = await Promise.race([
        client.ping().then(
          () => true,
          () => false,
        ),
        until(() => client.ended, 'the end of the stream', 60).then(() => false),
      ]);
      sent += chunk.length;
      if (!alive) {
        expect(
          chunk[0]?.mayEnd,
          `ended the stream: ${chunk
            .map(({ text }) => text)
            .join('\n')
            .slice(0, 6_000)}`,
        ).to.equal(true);
        ends += 1;
        client.drop();
        client = await BareClient.login(server, account);
      }
      from = to;
    }
    await client.close();
    return { sent, ends };
  }

  /** What ejabberd's logs have of faults in mod_foyer. */
  async function faultsOfModFoyer(): Promise<string[]> {
    const dir = dirname(foyer.ejabberd.logFile);
    const texts = await Promise.all(
      (await readdir(dir)).filter((name) => name.endsWith('.log')).map((name) => readFile(join(dir, name), 'utf8')),
    );
    const entries = texts.flatMap((text) => text.split(/^(?=\d{4}-\d\d-\d\d[ T])/m));
    return entries
      .filter((entry) => /mod_foyer/.test(entry) && /crash|\[(error|critical|emergency)\]/i.test(entry))
      .map((entry) => entry.slice(0, 2_000));
  }

  it('of an operator end no stream but their own, and only where they must', async () => {
    const olga = await foyer.addOperator('olga', 'Olga');
    const addresses = [
      walt.contact,
      walt.contact,
      `${walt.contact}/foyer`,
      `foyer@${host}`,
      `visitor.99999@${host}`,
      `anna@${host}`,
      `olga@${host}`,
      host,
      `lobby@conference.${host}/x`,
      'friend@other.server',
    ];
    const { sent, ends } = await send({ ...olga, resource: 'odd' }, sample(oddStanzas(addresses), STANZAS.operator));
    expect(sent).to.equal(STANZAS.operator);
    expect(ends).to.be.greaterThan(10);
    // Behind all of that, through the same spool.
    expect(await recordOnceLater(foyer, anna, vera)).to.include('I am Vera');
    expect(await foyer.select('SELECT number FROM messages WHERE chat_id = ?', [walt.chatId])).to.have.length.above(1);
  });

  it('of a rogue visitor neither', async () => {
    const user = walt.contact.split('@')[0] ?? '';
    const [row] = await foyer.select('SELECT password_box FROM accounts WHERE local = ?', [user]);
    const password = foyer.bridge.core.box.open(row?.['password_box'] as Buffer);
    const addresses = [
      `anna@${host}`,
      `anna@${host}`,
      `foyer@${host}`,
      vera.contact,
      walt.contact,
      `nobody@${host}`,
      host,
      `lobby@conference.${host}/x`,
      'friend@other.server',
    ];
    const { sent, ends } = await send(
      { user, password, resource: 'odd' },
      sample(oddStanzas(addresses), STANZAS.visitor, 1),
    );
    expect(sent).to.equal(STANZAS.visitor);
    expect(ends).to.be.greaterThan(10);
  });

  it('leave mod_foyer without a fault, the bridge with nothing half-written, and people talk as before', async () => {
    await converse('after');
    expect(await faultsOfModFoyer()).to.deep.equal([]);
    expect(foyer.gate.statuses.filter((status) => status >= 400)).to.deep.equal([]);
    expect(await contradictions(foyer)).to.deep.equal({});
    expect(await foyer.select("SELECT id FROM rejected_events WHERE code = 'internal'")).to.deep.equal([]);
    expect(unhandled).to.deep.equal([]);
  });
});
