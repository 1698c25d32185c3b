import fc from 'fast-check';
import { closeChat } from '../../../bridge/domain/chats/close-chat.js';
import { isOpen } from '../../../bridge/domain/chats/chat.js';
import { postOperatorMessage } from '../../../bridge/domain/chats/post-operator-message.js';
import { postVisitorMessage } from '../../../bridge/domain/chats/post-visitor-message.js';
import { changeOperator, lockOperator } from '../../../bridge/domain/operators/change-operator.js';
import type { Operator, Show } from '../../../bridge/domain/operators/operator.js';
import { recordPresence } from '../../../bridge/domain/operators/record-presence.js';
import type { Tx } from '../../../bridge/domain/ports.js';
import { declineChat } from '../../../bridge/domain/queue/decline.js';
import { takeOffline } from '../../../bridge/domain/visitors/time-out.js';
import type { MysqlTransactions } from '../../../bridge/storage/transactions.js';
import { LIMITS, said } from '../chats/people.js';
import { atRest, loadOf, newDispatcher, type Model, type Real } from './model.js';

type Step = fc.AsyncCommand<Model, Real>;

const SHOWS: readonly Show[] = ['available', 'chat', 'away', 'dnd', 'offline'];
const operatorIndex = fc.nat({ max: 2 });
const chatIndex = fc.nat({ max: 30 });

/** One of the operators, and one of the chats that there are. */
function pick(model: Model, real: Real, operator: number, chat: number): { operator: Operator; chatId: number } {
  const ids = [...model.chats.keys()];
  return { operator: real.operators[operator] as Operator, chatId: ids[chat % ids.length] as number };
}

let counter = 0;

async function answer(transactions: MysqlTransactions, chatId: number, operator: Operator): Promise<void> {
  counter += 1;
  const text = `answer ${counter}`;
  await transactions.alone(async (tx) => {
    const chat = await tx.chats.lock(chatId);
    const account = chat && (await tx.accounts.get(chat.accountId));
    // To a visitor whose chat has ended it would be an invitation.
    if (chat && account && isOpen(chat)) await postOperatorMessage(tx, LIMITS, account, operator, said(text));
  });
}

function step(
  name: string,
  possible: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Step {
  return { check: possible, run, toString: () => name };
}

const always = () => true;
const withChats = (model: Model) => model.chats.size > 0;
const unownedOf = (model: Model) =>
  [...model.chats].flatMap(([id, { owner, ended }]) => (owner === null && !ended ? [id] : []));
const withUnowned = (model: Model) => unownedOf(model).length > 0;

/** What some visitors want of whoever answers. */
export const SKILL = 'billing';

function arrive(count: number, skill: boolean): Step {
  return step(
    `${count} visitors write${skill ? ` about ${SKILL}` : ''}`,
    always,
    async (model, { store, processes }) => {
      const ids: number[] = [];
      const wants = skill ? JSON.stringify({ skills: [SKILL] }) : null;
      for (let i = 0; i < count; i += 1) ids.push(await newChat(store.transactions, wants));
      await Promise.all(ids.map((id, i) => write(processes[i % processes.length] as MysqlTransactions, id)));
      for (const id of ids) model.chats.set(id, { owner: null, ended: false, declined: new Set(), skill });
    },
  );
}

export async function newChat(transactions: MysqlTransactions, wants: string | null = null): Promise<number> {
  return transactions.alone(async (tx) => {
    const visitor = await tx.visitors.create({ instanceId: 1, deskId: null, externalId: null });
    visitor.online = true;
    const account = await tx.accounts.create({
      ...{ instanceId: 1, kind: 'visitor', local: `visitor.${visitor.id}`, host: 'x.org', name: 'V' },
      rosterGroup: 'visitors',
    });
    const chat = await tx.chats.create({
      ...{ instanceId: 1, visitorId: visitor.id, accountId: account.id, deskId: null, departmentId: 1 },
      ...{ state: 'waiting', initiator: 'visitor', operatorId: null },
    });
    chat.wants = wants;
    visitor.accountId = account.id;
    visitor.openChatId = chat.id;
    return chat.id;
  });
}

export function write(transactions: MysqlTransactions, chatId: number): Promise<unknown> {
  return transactions.alone(async (tx) => {
    const chat = await tx.chats.lock(chatId);
    counter += 1;
    if (chat && isOpen(chat)) await postVisitorMessage(tx, LIMITS, chat, `words ${counter}`, `p:${counter}`);
  });
}

/** Two operators, each at a process of its own, answer the same chat at the same moment: one has it. */
function race(first: number, second: number, chat: number): Step {
  return step(`operators ${first} and ${second} answer chat ${chat}`, withUnowned, async (model, real) => {
    const operator = real.operators[first] as Operator;
    const ids = unownedOf(model);
    const chatId = ids[chat % ids.length] as number;
    const other = real.operators[second] as Operator;
    const [here, there] = real.processes as readonly [MysqlTransactions, MysqlTransactions];
    await Promise.all([answer(here, chatId, operator), answer(there, chatId, other), real.dispatcher.poll()]);
    const [row] = await real.store.select('SELECT operator_id FROM chats WHERE id = ?', [chatId]);
    const owner = row?.['operator_id'] as number | null;
    const expected = model.chats.get(chatId) as { owner: number | null; ended: boolean };
    if (expected.ended || expected.owner !== null) return;
    const able = [operator.id, other.id].filter((id) => {
      const one = model.operators.get(id);
      return one?.approved === true && loadOf(model, id) < one.limit;
    });
    // With `direct` the dispatcher may have given it to the third one first.
    if (model.strategy !== 'direct' && (owner === null ? able.length > 0 : !able.includes(owner)))
      throw new Error(`chat ${chatId} is ${owner}'s; it could be taken by ${able.join(' or ') || 'nobody'}`);
    expected.owner = owner;
  });
}

function decline(operator: number, chat: number): Step {
  return step(`operator ${operator} declines chat ${chat}`, withChats, async (model, real) => {
    const { operator: who, chatId } = pick(model, real, operator, chat);
    const declined = await onChat(real, chatId, (tx, locked) => declineChat(tx, locked, who));
    if (declined) model.chats.get(chatId)?.declined.add(who.id);
  });
}

async function onChat<T>(
  { processes }: Real,
  chatId: number,
  work: (tx: Tx, chat: NonNullable<Awaited<ReturnType<Tx['chats']['lock']>>>) => Promise<T>,
): Promise<T> {
  return (processes[1] as MysqlTransactions).alone(async (tx) => {
    const chat = await tx.chats.lock(chatId);
    if (!chat) throw new Error(`There is no chat ${chatId}`);
    return work(tx, chat);
  });
}

function end(chat: number, how: 'closed' | 'left'): Step {
  return step(`chat ${chat} is ${how}`, withChats, async (model, real) => {
    const { chatId } = pick(model, real, 0, chat);
    const expected = model.chats.get(chatId) as { owner: number | null; ended: boolean };
    if (how === 'closed') {
      await onChat(real, chatId, (tx, locked) => closeChat(tx, locked, 'visitor'));
      expected.ended = true;
      return;
    }
    const [row] = await real.store.select('SELECT visitor_id, state FROM chats WHERE id = ?', [chatId]);
    await real.store.transactions.alone(async (tx) => {
      const visitor = await tx.visitors.lock(row?.['visitor_id'] as number);
      if (visitor?.online === true) await takeOffline(tx, visitor);
    });
    const [after] = await real.store.select('SELECT state FROM chats WHERE id = ?', [chatId]);
    // One that has an owner stays open for the visitor to come back.
    if (after?.['state'] === 'abandoned') expected.ended = true;
    else if (expected.owner === null && !expected.ended && model.strategy !== 'direct')
      throw new Error(`chat ${chatId} has no owner, and isn't abandoned`);
  });
}

function presence(operator: number, show: Show): Step {
  return step(`operator ${operator} is ${show}`, always, async (model, real) => {
    const who = real.operators[operator] as Operator;
    await real.store.transactions.alone((tx) =>
      recordPresence(tx, who, { show, status: '', priority: 0, resources: show === 'offline' ? 0 : 1 }, null),
    );
    (model.operators.get(who.id) as { show: Show }).show = show;
  });
}

function settings(operator: number, maxChats: number, paused: boolean, approved: boolean): Step {
  const what = `${paused ? 'nothing' : maxChats}${approved ? '' : ', not approved'}`;
  return step(`operator ${operator} takes ${what}`, always, async (model, real) => {
    const { id } = real.operators[operator] as Operator;
    await real.store.transactions.alone(async (tx) => {
      await changeOperator(tx, await lockOperator(tx, 1, id), { maxChats, paused, approved });
    });
    Object.assign(model.operators.get(id) as object, { limit: maxChats, paused, approved });
    Object.assign(real.operators[operator] as object, { maxChats, paused, approved });
  });
}

/** What is on offer has been so for long. */
const expire: Step = step('offers expire', always, async (_, { store }) => {
  await store.select(
    "UPDATE offers SET expires_at = NOW(3) - INTERVAL 1 SECOND WHERE state = 'open' AND expires_at IS NOT NULL",
  );
});

const restart: Step = step('the dispatcher begins anew', always, async (_, real) => {
  await real.dispatcher.stop();
  real.dispatcher = newDispatcher(real.store, real.processes[0] as MysqlTransactions);
});

const rest: Step = step('all comes to rest', always, atRest);

export const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()).map((both) => arrive(...both)),
  fc.tuple(operatorIndex, operatorIndex, chatIndex).map((all) => race(...all)),
  // Often enough that limits are reached.
  ...[1, 2, 3].map(() => fc.tuple(operatorIndex, chatIndex).map(([one, chat]) => race(one, one, chat))),
  fc.tuple(operatorIndex, chatIndex).map((both) => decline(...both)),
  fc.tuple(chatIndex, fc.constantFrom('closed' as const, 'left' as const)).map((both) => end(...both)),
  fc.tuple(operatorIndex, fc.constantFrom(...SHOWS)).map((both) => presence(...both)),
  fc
    .tuple(operatorIndex, fc.integer({ min: 1, max: 2 }), fc.boolean(), fc.boolean())
    .map(([one, most, paused, approved]) => settings(one, most, paused, approved || paused)),
  fc.constant(expire),
  fc.constant(restart),
  fc.constant(rest),
];
