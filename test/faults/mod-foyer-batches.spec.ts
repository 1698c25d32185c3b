import { expect } from 'chai';
import { beginTalk, numbered, recorded, type Talk } from '../e2e/edges/talk.js';
import { BareClient } from '../support/bare-client.js';
import { TestFoyer } from '../support/bridge.js';
import { environmentOf, foyer as cli } from '../support/cli.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { spoolOf, untilDrained } from './support/mod-foyer.js';

interface Rejected {
  what: string;
  from: string;
  code: string;
  reason: string;
}

describe('batches of mod_foyer under trouble', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let operator: { user: string; password: string };
  let anna: OperatorClient;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start({ moduleOptions: { batch_max_events: 50 } });
    operator = await foyer.addOperator('anna', 'Anna');
    anna = await foyer.client(operator);
  });

  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });

  after(() => foyer.stop());

  /** The events are in the spool: ejabberd has counted them as accepted. */
  async function sayAll(texts: readonly string[]): Promise<void> {
    const before = (await spoolOf(foyer)).accepted;
    for (const text of texts) await anna.say(talk.contact, text);
    await until(async () => (await spoolOf(foyer)).accepted >= before + texts.length, 'all accepted', 30, 50);
  }

  it('drains in order what waited while the bridge was away', async () => {
    await foyer.stopBridge();
    const texts = numbered('waiting', 600);
    await sayAll(texts);
    await foyer.startBridge();
    await untilDrained(foyer);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
  });

  for (const { what, isStored } of [
    { what: 'the bridge has it, and ejabberd never hears so', isStored: true },
    { what: 'it never reaches the bridge', isStored: false },
  ]) {
    it(`loses and doubles nothing when ejabberd dies with a batch under way: ${what}`, async () => {
      let release = (): void => undefined;
      foyer.gate.behave = { hold: new Promise<void>((resolve) => (release = resolve)) };
      const texts = numbered(what, 200);
      await sayAll(texts);
      await until(() => foyer.gate.bodies.some((body) => body.includes(`${what} 1"`)), 'a batch under way');
      await foyer.ejabberd.kill();
      foyer.gate.behave = {};
      if (isStored) {
        release();
        await until(async () => (await recorded(foyer, talk.chatId)).length > 1, 'the batch at the bridge');
      }
      await foyer.ejabberd.restart();
      anna = await foyer.client(operator);
      await untilDrained(foyer);
      if (!isStored) {
        const { length } = foyer.gate.statuses;
        release();
        await until(() => foyer.gate.statuses.length > length, 'the late batch at the bridge');
      }
      expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
    });
  }

  it('takes the good ones around one that it can’t use, which `foyer events` lists with the reason', async () => {
    const { host } = foyer.settings.ejabberd;
    // One of ejabberd's operators of whom the bridge knows nothing.
    await foyer.ejabberd.ctl('register', 'peggy', host, 'password-of-peggy');
    await foyer.ejabberd.ctl('srg_user_add', 'peggy', host, 'operators', host);
    await foyer.stopBridge();
    const { accepted } = await spoolOf(foyer);
    await sayAll(numbered('before', 5));
    const peggy = await BareClient.login(
      { host, c2sPort: foyer.ejabberd.c2sPort },
      { user: 'peggy', password: 'password-of-peggy' },
    );
    await peggy.write('<presence><status>poison</status></presence>');
    await until(async () => (await spoolOf(foyer)).accepted >= accepted + 6, 'the presence in the spool');
    await sayAll(numbered('behind', 5));
    const first = foyer.gate.bodies.length;
    await foyer.startBridge();
    await untilDrained(foyer);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal([
      'Hello',
      ...numbered('before', 5),
      ...numbered('behind', 5),
    ]);
    const together = foyer.gate.bodies.slice(first).filter((body) => body.includes('poison'));
    expect(together[0], 'in one batch').to.include('before 1"').and.include('behind 5"');
    expect((await spoolOf(foyer)).rejected).to.equal(1);
    const { out } = await cli(['events', '--json'], { env: environmentOf(foyer.settings) });
    expect((JSON.parse(out) as Rejected[]).map(({ what, from, code }) => ({ what, from, code }))).to.deep.equal([
      { what: 'presence', from: `peggy@${host}`, code: 'not_found' },
    ]);
    expect((JSON.parse(out) as Rejected[])[0]?.reason).to.not.equal('');
    peggy.drop();
  });
});
