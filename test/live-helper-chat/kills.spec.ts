import { expect } from 'chai';
import { Operator } from '../faults/support/operator.js';
import { until } from '../support/until.js';
import { Stand } from './support/stand.js';
import type { Visitor } from './support/visitor.js';

const EACH_WAY = 60;
/** The cron job's minute, made short. */
const CRON_MS = 3_000;

describe('A real Live Helper Chat: what is killed in the middle', () => {
  let stand: Stand;
  let ada: Operator;
  let cronRuns = true;
  let cron: Promise<void>;

  before(async function () {
    this.timeout(180_000);
    stand = await Stand.start();
    const password = await stand.account(1, 'ada');
    const { host, c2sPort } = stand.world.ejabberd;
    ada = new Operator({ host, port: c2sPort, user: 'ada', password });
    ada.start();
    await until(
      async () => (await stand.site.rows("SELECT 1 FROM lhc_foyer_operator WHERE presence = 'available'")).length > 0,
      'Ada online',
    );
    cron = runCron();
  });

  after(async () => {
    cronRuns = false;
    await cron;
    await ada.stop();
    await stand.stop();
  });

  async function runCron(): Promise<void> {
    while (cronRuns) {
      await stand.site.cron('cron/deliver');
      await new Promise((resolve) => setTimeout(resolve, CRON_MS));
    }
  }

  async function begun(): Promise<{ visitor: Visitor; id: number; from: string }> {
    const visitor = stand.site.visitor();
    await visitor.view('/hats');
    const id = await visitor.start('v0', { nick: 'Vera' });
    const from = await stand.contactOf(visitor);
    await until(() => shown(from).includes('v0'), 'the first words', 60);
    ada.say(from, 'a0');
    await until(async () => (await stored(id, 1)).includes('a0'), 'the first answer', 60);
    return { visitor, id, from };
  }

  const shown = (from: string) => ada.shown.filter(({ contact }) => contact === from).map(({ text }) => text);
  const stored = async (id: number, user: number) =>
    (await stand.site.said(id)).filter(([who]) => who === user).map(([, text]) => text);

  /**
   * Numbered words both ways, with something done in between; then what each side has of the other's, against the table.
   * @param asShown false: what the client fetched from its archive stands behind what came by itself
   */
  async function talk(disturb: (number: number) => Promise<void>, asShown = true): Promise<void> {
    const { visitor, id, from } = await begun();
    const taken = ['v0'];
    const said = ['a0'];
    let disturbing = Promise.resolve();
    for (let number = 1; number <= EACH_WAY; number += 1) {
      disturbing = disturbing.then(() => disturb(number));
      // A page whose request was cut off doesn't know whether its words were taken; its visitor says something else.
      if (await visitor.say(`v${number}`).catch(() => false)) taken.push(`v${number}`);
      ada.say(from, `a${number}`);
      said.push(`a${number}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await disturbing;
    await until(
      async () => ada.unsent === 0 && (await stored(id, 1)).length >= said.length,
      'all answers stored',
      120,
      200,
    );
    expect(await stored(id, 1)).to.deep.equal(said);
    const words = await stored(id, 0);
    expect(words.filter((text) => taken.includes(text))).to.deep.equal(taken);
    await until(
      async () => {
        await ada.catchUp();
        return shown(from).length >= words.length;
      },
      `all of ${words.join()} shown; there are ${shown(from).join()}`,
      120,
      500,
    );
    expect(asShown ? shown(from) : shown(from).sort(inOrder)).to.deep.equal(words);
    expect(new Set(words).size).to.equal(words.length);
  }

  const inOrder = (a: string, b: string) => Number(a.slice(1)) - Number(b.slice(1));

  it('loses and doubles nothing when PHP is killed', async function () {
    this.timeout(300_000);
    await talk(async (number) => {
      if (number % 15 === 7) await stand.site.server.killPhp();
    });
  });

  it('loses and doubles nothing when the bridge is killed', async function () {
    this.timeout(300_000);
    await talk(async (number) => {
      if (number % 25 === 7) await stand.world.kill('bridge');
    });
  });

  it('loses and doubles nothing when ejabberd is killed', async function () {
    this.timeout(300_000);
    await talk(async (number) => {
      if (number === 20) await stand.world.kill('ejabberd');
    }, false);
  });

  it('goes on while the bridge is away or hangs, and tells it all later', async function () {
    this.timeout(300_000);
    const { pages } = stand.world.links;
    await talk(async (number) => {
      if (number === 10) pages.cut();
      if (number === 30) pages.stall();
      if (number === 50) pages.mend();
    });
  });
});
