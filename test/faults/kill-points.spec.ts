import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import { oneTalk, type OneTalk } from './support/one-talk.js';
import type { Operator } from './support/operator.js';
import { KILL_POINTS, type KillPoint } from './support/kill-at.js';
import type { Visitor } from './support/visitor.js';
import { World } from './support/world.js';

const PRELOAD = fileURLToPath(new URL('./support/kill-at.ts', import.meta.url));
/** What a shell says of a process that was killed. */
const KILLED = 1000;

describe('the bridge, killed between two steps of a message’s way', function () {
  this.timeout(120_000);
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

  const count = (texts: string[], text: string) => texts.filter((one) => one === text).length;

  async function dieAt(point: KillPoint, text: string, say: () => void): Promise<void> {
    await world.stopBridge();
    world.startBridge({
      env: { KILL_AT: point, KILL_TEXT: text },
      imports: [PRELOAD],
    });
    await world.untilReady();
    say();
    expect(await world.untilBridgeEnds()).to.equal(KILLED);
  }

  /** How often the text is at each place. */
  async function places(text: string): Promise<Record<string, number>> {
    const recorded = await rows(world.core.pool, 'SELECT text FROM messages WHERE text = ?', [text]);
    return {
      record: recorded.length,
      page: count(
        visitor.messages().map((one) => one.text),
        text,
      ),
      operator: count(
        operator.shown.map((one) => one.text),
        text,
      ),
      helpdesk: count(
        world.helpdesk.messages.map((one) => one.text),
        text,
      ),
    };
  }

  const emptyOutbox = () =>
    until(
      async () => Number((await rows(world.core.pool, 'SELECT COUNT(*) AS n FROM outbox'))[0]?.['n']) === 0,
      'an empty outbox',
      40,
      50,
    );

  for (const point of KILL_POINTS) {
    it(`${point} of a visitor’s message`, async () => {
      const text = `visitor, ${point}`;
      const repeated = operator.repeated;
      await dieAt(point, text, () => visitor.say(text));
      await until(
        async () => Object.values(await places(text)).every((times) => times >= 1),
        `“${text}” everywhere`,
        40,
        50,
      );
      await emptyOutbox();
      expect(await places(text)).to.deep.equal({ record: 1, page: 1, operator: 1, helpdesk: 1 });
      expect(operator.repeated, 'repeats at the operator').to.equal(repeated);
      expect(visitor.unsent).to.equal(0);
    });
  }

  for (const point of ['before the commit', 'after the commit', 'before the callback', 'after the callback'] as const) {
    it(`${point} of an operator’s message`, async () => {
      const text = `operator, ${point}`;
      await dieAt(point, text, () => operator.say(contact, text));
      await until(
        async () => {
          const { record, page, helpdesk } = await places(text);
          return record === 1 && page === 1 && helpdesk === 1;
        },
        `“${text}” everywhere`,
        40,
        50,
      );
      await emptyOutbox();
      expect(await places(text)).to.deep.equal({ record: 1, page: 1, operator: 0, helpdesk: 1 });
      await until(() => operator.unsent === 0, 'the receipt');
    });
  }
});
