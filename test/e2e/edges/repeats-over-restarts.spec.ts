import { expect } from 'chai';
import { BareClient } from '../../support/bare-client.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { numbered, pingServer } from './talk.js';

const VISITOR = 'visitor.900001';
const PASSWORD = 'password-of-nobody';

/** The bridge sends a stanza again when it doesn't know whether it arrived; here a visitor's account does it by hand. */
describe('a stanza that comes again after a restart of ejabberd', function () {
  this.timeout(60_000);
  let foyer: TestFoyer;
  let host: string;
  let contact: string;
  let operator: { user: string; password: string };
  let anna: OperatorClient;
  let visitor: BareClient;

  before(async () => {
    foyer = await TestFoyer.start();
    host = foyer.settings.ejabberd.host;
    contact = `${VISITOR}@${host}`;
    operator = await foyer.addOperator('anna', 'Anna');
    await foyer.ejabberd.ctl('register', VISITOR, host, PASSWORD);
    await foyer.ejabberd.ctl('srg_user_add', VISITOR, host, 'visitors', host);
    await foyer.stopBridge();
    // What ejabberd has of accounts is on disk once it has ended.
    await foyer.ejabberd.restart();
  });

  beforeEach(async () => {
    visitor = await BareClient.login({ host, c2sPort: foyer.ejabberd.c2sPort }, { user: VISITOR, password: PASSWORD });
  });

  afterEach(async () => {
    visitor.drop();
    await anna.stop();
  });

  after(() => foyer.stop());

  /** Says each text under an id made of `series` and its place; resolves once ejabberd is done with it. */
  async function say(series: string, texts: readonly string[]): Promise<void> {
    for (const [i, text] of texts.entries()) {
      const address = `to="anna@${host}" type="chat" id="${series}-${i}"`;
      await visitor.write(`<message ${address}><body>${text}</body></message>`);
    }
    await visitor.ping();
  }

  const ENDS: readonly { how: string; restart: () => Promise<void> }[] = [
    { how: 'a clean one', restart: () => foyer.ejabberd.restart() },
    { how: 'a kill -9', restart: () => foyer.ejabberd.kill().then(() => foyer.ejabberd.restart()) },
  ];

  /** Ends ejabberd, starts it, and logs the visitor in again. */
  async function over(restart: () => Promise<void>): Promise<void> {
    visitor.drop();
    await restart();
    visitor = await BareClient.login({ host, c2sPort: foyer.ejabberd.c2sPort }, { user: VISITOR, password: PASSWORD });
  }

  for (const { how, restart } of ENDS) {
    it(`isn’t given again to an operator who had it: ${how}`, async () => {
      anna = await foyer.client(operator);
      const texts = numbered('online', 50);
      await say(how, texts);
      await until(() => anna.texts(contact).length === texts.length, 'all of them');
      await pingServer(anna, host);
      await anna.stop();
      await over(restart);
      anna = await foyer.client(operator);
      await say(how, [...texts, 'behind them']);
      await until(() => anna.texts(contact).includes('behind them'), 'what is behind them');
      expect(anna.texts(contact)).to.deep.equal(['behind them']);
    });

    it(`is given once to an operator who was away, and has it stored already: ${how}`, async () => {
      const texts = numbered('offline', 50);
      await say(`away, ${how}`, texts);
      await over(restart);
      await say(`away, ${how}`, [...texts, 'behind them']);
      anna = await foyer.client(operator);
      await until(() => anna.texts(contact).includes('behind them'), 'what is behind them');
      await pingServer(anna, host);
      expect(anna.texts(contact)).to.deep.equal([...texts, 'behind them']);
      await anna.stop();
      await over(restart);
      anna = await foyer.client(operator);
      await say(`away, ${how}`, [...texts, 'behind them', 'once more']);
      await until(() => anna.texts(contact).includes('once more'), 'what is new');
      expect(anna.texts(contact)).to.deep.equal(['once more']);
    });
  }
});
