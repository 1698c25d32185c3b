import { expect } from 'chai';
import { AdminClient } from '../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { randomWebhookSecret } from '../../bridge/stack/private-files.js';
import { beginTalk, numbered, recorded, type Talk } from '../e2e/edges/talk.js';
import { TestFoyer } from '../support/bridge.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';

const RECEIPTS = 'urn:xmpp:receipts';

describe('mod_foyer under trouble', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start({ moduleOptions: { spool_max_events: 100 } });
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });

  after(() => foyer.stop());

  /** Ids of what was refused with a stanza error. */
  const refused = () =>
    new Set(anna.received.filter(({ attrs }) => attrs['type'] === 'error').map(({ attrs }) => attrs['id'] ?? ''));
  const confirmed = () => new Set(anna.received.map((one) => one.getChild('received', RECEIPTS)?.attrs['id']));
  const spoolDepth = async () => {
    const { apiUrl: url, apiUser: user, apiPassword: password, host } = foyer.ejabberd;
    const admin = new AdminClient({ url, user, password });
    const { depth } = await new ModFoyerClient(admin).spoolInfo(host);
    admin.close();
    return depth;
  };
  const untilRecorded = (texts: readonly string[]) =>
    until(async () => (await recorded(foyer, talk.chatId)).length > texts.length, 'the whole record', 40);

  it('at the bound of its spool refuses visibly what it can’t keep, and goes on once that is drained', async () => {
    await foyer.stopBridge();
    const texts = numbered('full', 150);
    const ids: string[] = [];
    for (const text of texts) ids.push(await anna.say(talk.contact, text));
    await until(() => refused().has(ids.at(-1) ?? ''), 'the last one refused');
    const accepted = texts.filter((_, i) => !refused().has(ids[i] ?? ''));
    expect(accepted.length).to.be.within(50, 100);
    expect(accepted, 'what is refused is what came last').to.deep.equal(texts.slice(0, accepted.length));
    const condition = anna.received.find(({ attrs }) => attrs['id'] === ids.at(-1))?.getChild('error');
    expect(condition?.getChild('resource-constraint')).to.exist;
    await foyer.startBridge();
    await untilRecorded(accepted);
    await until(async () => (await spoolDepth()) === 0, 'a drained spool');
    const id = await anna.say(talk.contact, 'there is room again', { receipt: true });
    await until(() => confirmed().has(id), 'the receipt');
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...accepted, 'there is room again']);
  });

  it('takes other options while operators write, and loses and doubles nothing', async () => {
    const { url, secrets } = {
      url: `http://127.0.0.1:${foyer.gate.port}/hooks/ejabberd`,
      secrets: foyer.ejabberd.hooksSecrets,
    };
    const texts = numbered('options', 60);
    const writing = (async () => {
      for (const text of texts) {
        await anna.say(talk.contact, text, { receipt: true });
        await until(() => confirmed().size > 0, 'anything');
      }
    })();
    for (let i = 0; i < 3; i += 1) await foyer.ejabberd.setHooks({ url, secrets });
    await writing;
    await untilRecorded(texts);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
  });

  it('is loaded anew while operators write: each message is in the record once, or its writer was told', async () => {
    const texts: string[] = [];
    const ids: string[] = [];
    let loaded = false;
    const writing = (async () => {
      for (let after = 0; after < 20; after += loaded ? 1 : 0) {
        texts.push(`reload ${texts.length + 1}`);
        ids.push(await anna.say(talk.contact, texts.at(-1) ?? '', { receipt: true }));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await foyer.ejabberd.ctl('restart_module', foyer.settings.ejabberd.host, 'mod_foyer');
    loaded = true;
    await writing;
    const known = () => ids.every((id) => refused().has(id) || confirmed().has(id));
    await until(known, 'every message confirmed or refused', 40);
    const expected = texts.filter((_, i) => confirmed().has(ids[i] ?? ''));
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...expected]);
  });

  it('changes its secret under load without one refused request', async () => {
    const [old = ''] = foyer.settings.hooks.secrets;
    const fresh = randomWebhookSecret();
    const url = `http://127.0.0.1:${foyer.gate.port}/hooks/ejabberd`;
    const texts = numbered('secret', 300);
    const before = foyer.gate.statuses.length;
    let said = 0;
    const writing = (async () => {
      for (const text of texts) {
        await anna.say(talk.contact, text);
        said += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const bridgeKnows = async (secrets: string[]) => {
      foyer.settings.hooks.secrets = secrets;
      await foyer.stopBridge();
      await foyer.startBridge();
    };
    await until(() => said > 20, 'some messages');
    await bridgeKnows([fresh, old]);
    await foyer.ejabberd.setHooks({ url, secrets: [fresh, old] });
    await foyer.ejabberd.setHooks({ url, secrets: [fresh] });
    await bridgeKnows([fresh]);
    await writing;
    await untilRecorded(texts);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
    expect(new Set(foyer.gate.statuses.slice(before))).to.deep.equal(new Set([200]));
  });
});
