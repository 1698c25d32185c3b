import { until } from '../../support/until.js';
import { Operator } from './operator.js';
import { Visitor } from './visitor.js';
import type { World } from './world.js';

/** A visitor and the only operator, who have said a word each. */
export interface OneTalk {
  operator: Operator;
  visitor: Visitor;
  /** Bare JID of the visitor's contact. */
  contact: string;
  stop(): Promise<void>;
}

/** Starts the bridge of a new world and has them meet. */
export async function oneTalk(world: World): Promise<OneTalk> {
  const [login] = await world.addOperators(1);
  world.startBridge();
  await world.untilReady();
  const { host } = world.ejabberd;
  const operator = new Operator({
    ...{ host, port: world.links.operators.port, user: 'operator1' },
    password: login?.password ?? '',
  });
  operator.start();
  await until(() => operator.online, 'the operator online');
  const visitor = new Visitor(world.pagesUrl, 'Vera');
  await visitor.arrive();
  const contact = `visitor.${visitor.id}@${host}`;
  visitor.say('Hello');
  await until(() => operator.shown.some(({ text }) => text === 'Hello'), 'the first words');
  operator.say(contact, 'Welcome');
  await until(() => visitor.messages().length === 2, 'the answer');
  return {
    ...{ operator, visitor, contact },
    async stop() {
      visitor.leave();
      await operator.stop();
    },
  };
}
