import { expect } from 'chai';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import { oneTalk, type OneTalk } from './support/one-talk.js';
import type { Operator } from './support/operator.js';
import type { Visitor } from './support/visitor.js';
import { World } from './support/world.js';

const MESSAGES = 300;
/** All that a process has, from the signal to its end. */
const STOP_SECONDS = 20;

describe('a bridge that is told to end while people talk', function () {
  this.timeout(180_000);
  let world: World;
  let people: OneTalk;
  let operator: Operator;
  let visitor: Visitor;
  let contact: string;

  before(async () => {
    world = await World.start();
    people = await oneTalk(world);
    ({ operator, visitor, contact } = people);
  });

  after(async () => {
    await people.stop();
    await world.close();
  });

  const recorded = async () =>
    (await rows(world.core.pool, 'SELECT text FROM messages ORDER BY chat_id, number')).map(
      (row) => row['text'] as string,
    );
  const shown = () => visitor.messages().map(({ text }) => text);
  const heard = () => operator.shown.map(({ text }) => text);
  const of = (texts: readonly string[], wanted: readonly string[]) => texts.filter((text) => wanted.includes(text));
  const ended = async () =>
    until(() => world.ends.size > 0 && [...world.ends.values()].reduce((a, b) => a + b), 'its end', STOP_SECONDS, 20);

  /** Both say numbered things, a few a turn, and in the midst of it something happens. */
  async function talk(name: string, meanwhile: () => void): Promise<{ visitors: string[]; operators: string[] }> {
    const numbered = (who: string) => Array.from({ length: MESSAGES }, (_, i) => `${name}: ${who} ${i + 1}`);
    const [visitors, operators] = [numbered('visitor'), numbered('operator')];
    for (let i = 0; i < MESSAGES; i += 1) {
      visitor.say(visitors[i] ?? '');
      operator.say(contact, operators[i] ?? '');
      if (i === MESSAGES / 3) {
        await until(async () => of(await recorded(), visitors).length > 20, 'some to be under way');
        meanwhile();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { visitors, operators };
  }

  async function checkEverywhereOnce({ visitors, operators }: { visitors: string[]; operators: string[] }) {
    const all = [...visitors, ...operators];
    await until(async () => of(await recorded(), all).length >= all.length, 'all in the record', 60, 100);
    await until(() => of(heard(), visitors).length >= visitors.length, 'all at the operator', 60, 100);
    await until(() => of(shown(), all).length >= all.length, 'all on the page', 60, 100);
    await until(() => visitor.unsent === 0 && operator.unsent === 0, 'all acknowledged', 60, 100);
    await until(
      async () => Number((await rows(world.core.pool, 'SELECT COUNT(*) AS n FROM outbox'))[0]?.['n']) === 0,
      'an empty outbox',
      60,
      100,
    );
    const record = await recorded();
    expect(of(record, visitors)).to.deep.equal(visitors);
    expect(of(record, operators)).to.deep.equal(operators);
    expect(of(shown(), visitors)).to.deep.equal(visitors);
    expect(of(shown(), operators)).to.deep.equal(operators);
    expect(of(heard(), visitors)).to.have.members(visitors).and.have.length(visitors.length);
    expect(operator.repeated, 'repeats at the operator').to.equal(0);
    expect(await rows(world.core.pool, 'SELECT id FROM dead_letters')).to.deep.equal([]);
  }

  it('ends in time and clean, and its successor goes on: nothing is lost or doubled', async () => {
    world.ends.clear();
    const said = await talk('clean', () => void world.restartBridge('SIGTERM'));
    await ended();
    expect([...world.ends.keys()], 'exit code').to.deep.equal([0]);
    await checkEverywhereOnce(said);
  });

  it('leaves nothing claimed that its successor would have to wait for', async () => {
    expect(await world.stopBridge()).to.equal(0);
    const claimed = 'SELECT name FROM lanes WHERE owner IS NOT NULL OR home IS NOT NULL';
    expect(await rows(world.core.pool, claimed)).to.deep.equal([]);
    expect(await rows(world.core.pool, 'SELECT id FROM processes')).to.deep.equal([]);
    world.startBridge();
    await world.untilReady();
    visitor.say('And now?');
    await until(() => heard().includes('And now?'), 'the next words');
  });

  it('ends in time also while the database hangs, and its successor waits for it: nothing is lost or doubled', async () => {
    world.ends.clear();
    const said = await talk('hanging', () => {
      world.links.database.stall();
      void world.restartBridge('SIGTERM');
    });
    await ended();
    expect([...world.ends.keys()], 'exit code: by itself, not cut short').to.deep.equal([0]);
    world.links.database.mend();
    await checkEverywhereOnce(said);
  });
});
