import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, numbered, pingServer, recorded, type Talk } from './talk.js';

describe('a bridge that is down, slow or failing', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let bert: OperatorClient;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
  });

  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });

  afterEach(() => {
    foyer.gate.behave = {};
  });

  after(() => foyer.stop());

  const untilRecorded = (texts: readonly string[]) =>
    until(async () => (await recorded(foyer, talk.chatId)).length > texts.length, 'the whole record', 25);

  it('is down: 200 messages wait in ejabberd, nobody notices, and all arrive once in order', async () => {
    await foyer.stopBridge();
    const texts = numbered('down', 200);
    for (const text of texts) await anna.say(talk.contact, text);
    await pingServer(anna, foyer.settings.ejabberd.host);
    await pingServer(bert, foyer.settings.ejabberd.host);
    expect(anna.received.filter((stanza) => stanza.attrs['type'] === 'error')).to.deep.equal([]);
    const started = new Date();
    await foyer.startBridge();
    await untilRecorded(texts);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
    const shown = await talk.page.messages(talk.chatId);
    expect(shown.map(({ text }) => text)).to.deep.equal(['Hello', ...texts]);
    const late = shown.filter(({ created_at }) => new Date(created_at) > started);
    expect(late, 'stamped when they were taken, not when they were written').to.deep.equal([]);
  });

  it('is slow: while it holds its answer back, ejabberd serves everybody else', async () => {
    foyer.gate.behave = { delayMs: 2_000 };
    const texts = numbered('slow', 20);
    const held = foyer.gate.bodies.length;
    for (const text of texts) await anna.say(talk.contact, text);
    await until(() => foyer.gate.bodies.length > held, 'a request that is held back');
    await pingServer(anna, foyer.settings.ejabberd.host);
    await pingServer(bert, foyer.settings.ejabberd.host);
    expect(await recorded(foyer, talk.chatId), 'the answers came before the bridge’s').to.deep.equal(['Hello']);
    await untilRecorded(texts);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
  });

  for (const [name, behave] of Object.entries({ 'answers 500': { answer: 500 }, 'hangs up': { drop: true } })) {
    it(`${name}: ejabberd tries again, and all arrive once in order`, async () => {
      foyer.gate.behave = behave;
      const texts = numbered(name, 20);
      const before = foyer.gate.bodies.length;
      for (const text of texts) await anna.say(talk.contact, text);
      await until(() => foyer.gate.bodies.length >= before + 2, 'a second try');
      await pingServer(bert, foyer.settings.ejabberd.host);
      expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello']);
      foyer.gate.behave = {};
      await untilRecorded(texts);
      expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
    });
  }
});
