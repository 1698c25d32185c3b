import { resendDeadLetter } from '../../bridge/domain/outbox/resend.js';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import { FAULTS, type Fault } from './faults.js';
import { seededRandom, type Random } from './support/random.js';
import { Operator } from './support/operator.js';
import { Visitor } from './support/visitor.js';
import { World } from './support/world.js';
import { judge, type FaultCount, type Speaker, type Verdict } from './verdict.js';

export interface FaultsOptions {
  seed: number;
  /** Both ways together. */
  messages: number;
  perSecond: number;
  visitors: number;
  operators: number;
  /** Names of faults; each happens at least once. */
  faults: readonly string[];
  /** How long a fault lasts that has a length. */
  seconds: number;
  say: (line: string) => void;
}

const SETTLE_SECONDS = 180;
/** Whoever has so much on its way says nothing more for now. */
const BACKLOG = 40;

/** Talk under faults: everybody says numbered things, everything goes wrong in turn, and at the end all must be everywhere exactly once. */
export async function runFaults(options: FaultsOptions): Promise<Verdict> {
  const random = seededRandom(options.seed);
  const world = await World.start();
  const operators: Operator[] = [];
  const speakers: Speaker[] = [];
  try {
    await meet(world, options, operators, speakers);
    options.say(
      `${speakers.length} chats; ${options.messages} messages at ${options.perSecond}/s, seed ${options.seed}`,
    );
    const counts = new Map<string, FaultCount>();
    const now = { fault: '' };
    const talking = talk(speakers, options, random, now);
    let over = false;
    void talking.finally(() => (over = true));
    await goWrong(world, speakers, options, random, { counts, now, over: () => over });
    await talking;
    await settle(world, speakers, operators, options);
    return await judge(world, speakers, counts);
  } finally {
    for (const { visitor } of speakers) visitor.leave();
    for (const operator of operators) await operator.stop();
    await world.close();
  }
}

/** Every visitor begins a chat, and its operator takes it. */
async function meet(
  world: World,
  { visitors: count, operators: operatorCount }: FaultsOptions,
  operators: Operator[],
  speakers: Speaker[],
): Promise<void> {
  const logins = await world.addOperators(operatorCount);
  world.startBridge();
  await world.untilReady();
  const { host } = world.ejabberd;
  for (const login of logins) {
    const operator = new Operator({ host, port: world.links.operators.port, ...login });
    operators.push(operator);
    operator.start();
  }
  await until(() => operators.every(({ online }) => online), 'all operators online', 30);
  // Who logs in before its account is in the operators' group is heard of with the next snapshot.
  await until(() => world.operatorsOnline().then((known) => known === operatorCount), 'all operators known', 120, 100);
  for (let i = 0; i < count; i += 1) {
    const visitor = new Visitor(world.pagesUrl, `Visitor ${i + 1}`);
    const operator = operators[i % operators.length] as Operator;
    await visitor.arrive();
    const contact = `visitor.${visitor.id}@${host}`;
    visitor.say(`hello ${i + 1}`);
    await until(() => operator.shown.some((one) => one.contact === contact), 'the first words at the operator', 60);
    operator.say(contact, `welcome ${i + 1}`);
    await until(() => visitor.messages().some(({ sender }) => sender === 'operator'), 'the answer on the page', 60);
    const chatId = visitor.chatId ?? 0;
    const said = { visitor: [], operator: [] };
    speakers.push({ name: `chat ${chatId}`, visitor, operator, contact, chatId, said });
  }
}

/** Says everything at its pace, whatever happens meanwhile. */
async function talk(
  speakers: readonly Speaker[],
  { messages, perSecond }: FaultsOptions,
  random: Random,
  now: { fault: string },
): Promise<void> {
  const began = performance.now();
  for (let number = 0; number < messages;) {
    const due = Math.min(messages, Math.floor(((performance.now() - began) / 1000) * perSecond));
    let held = 0;
    while (number < due && held < speakers.length) {
      const speaker = random.pick(speakers);
      const side = random.next() < 0.5 ? 'visitor' : 'operator';
      if (speaker[side].unsent > BACKLOG) {
        held += 1;
        continue;
      }
      const text = `${side} ${number} of ${speaker.name}`;
      speaker.said[side].push({ text, during: now.fault });
      if (side === 'visitor') speaker.visitor.say(text);
      else speaker.operator.say(speaker.contact, text);
      number += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** One fault after the other, in an order that the seed gives, until all have happened and the talk is over. */
async function goWrong(
  world: World,
  speakers: readonly Speaker[],
  { faults, seconds, say }: FaultsOptions,
  random: Random,
  run: { counts: Map<string, FaultCount>; now: { fault: string }; over: () => boolean },
): Promise<void> {
  const chosen = FAULTS.filter(({ name }) => faults.includes(name));
  for (let round = 0; round === 0 || !run.over(); round += 1) {
    for (const fault of random.shuffled(chosen)) {
      if (round > 0 && run.over()) return;
      await new Promise((resolve) => setTimeout(resolve, random.between(500, 1_500)));
      const count = run.counts.get(fault.name) ?? { times: 0, seconds: 0 };
      run.counts.set(fault.name, count);
      const began = performance.now();
      run.now.fault = fault.name;
      await Promise.all([fault.happen(world, seconds), reloadSome(speakers, fault, random)]);
      await recovered(world);
      run.now.fault = '';
      count.times += 1;
      count.seconds += (performance.now() - began) / 1000;
      say(`${fault.name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
  }
}

/** Now and then a visitor loads the page anew in the midst of it. */
async function reloadSome(speakers: readonly Speaker[], fault: Fault, random: Random): Promise<void> {
  if (fault.name !== 'reconnect pages') return;
  for (const { visitor } of random.shuffled(speakers).slice(0, 3)) await visitor.reload();
}

/** The next fault waits until the bridge is ready again: faults on top of each other happen by the seed's gaps alone. */
async function recovered(world: World): Promise<void> {
  await world.untilReady(120);
}

/** Waits until nothing is on its way any more. */
async function settle(
  world: World,
  speakers: readonly Speaker[],
  operators: readonly Operator[],
  { say }: FaultsOptions,
): Promise<void> {
  const { pool } = world.core;
  const wait = (what: string, holds: () => boolean | Promise<boolean>) => until(holds, what, SETTLE_SECONDS, 100);
  const began = performance.now();
  await wait('everything taken', () =>
    speakers.every(({ visitor, operator }) => visitor.unsent === 0 && operator.unsent === 0),
  );
  await wait(
    'an empty outbox',
    async () => Number((await rows(pool, 'SELECT COUNT(*) AS n FROM outbox'))[0]?.['n']) === 0,
  );
  await resendDead(world);
  await wait(
    'an empty outbox',
    async () => Number((await rows(pool, 'SELECT COUNT(*) AS n FROM outbox'))[0]?.['n']) === 0,
  );
  await wait('operators online', () => operators.every(({ online }) => online));
  for (const operator of operators) await operator.catchUp();
  const written = new Map(
    (await rows(pool, 'SELECT id, last_number FROM chats')).map((row) => [
      row['id'] as number,
      row['last_number'] as number,
    ]),
  );
  await until(
    () => speakers.every(({ visitor, chatId }) => visitor.messages().length >= (written.get(chatId) ?? 0)),
    'all on the pages',
    60,
    100,
  ).catch(() => undefined); // the verdict names what is missing
  say(`settled after ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** What the helpdesk has refused for good lies in the dead letters; a person sends it again. */
async function resendDead({ core }: World): Promise<void> {
  const dead = await rows(core.pool, "SELECT id FROM dead_letters WHERE target = 'helpdesk' ORDER BY id");
  for (const row of dead)
    await core.transactions.alone(async (tx) => void (await resendDeadLetter(tx, 1, row['id'] as number)));
}
