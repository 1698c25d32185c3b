import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';
import { beginTalk } from './talk.js';

describe('figures of mod_foyer’s spool', () => {
  let foyer: TestFoyer;

  before(async () => {
    foyer = await TestFoyer.start();
  });

  after(() => foyer.stop());

  async function figure(name: string): Promise<number | undefined> {
    const text = await (await fetch(`${foyer.base}/metrics`)).text();
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  }

  it('grow while the bridge doesn’t take events, and are nought again when it does', async () => {
    const anna = await foyer.operator('anna', 'Anna');
    const { contact } = await beginTalk(foyer, anna);
    await until(async () => (await figure('foyer_spool_depth')) === 0, 'an empty spool');
    foyer.gate.behave = { answer: 503 };
    await anna.say(contact, 'waits');
    await until(async () => ((await figure('foyer_spool_oldest_seconds')) ?? 0) > 0, 'an event that waits');
    expect(await figure('foyer_spool_depth')).to.be.greaterThan(0);
    expect(await figure('foyer_spool_refused')).to.equal(0);
    foyer.gate.behave = {};
    await until(async () => (await figure('foyer_spool_depth')) === 0, 'an empty spool', 60);
  });
});
