import { expect } from 'chai';
import type { Operator, Show } from '../../../bridge/domain/operators/operator.js';
import type { Strategy } from '../../../bridge/domain/queue/department.js';
import { Dispatcher } from '../../../bridge/jobs/dispatcher.js';
import type { MysqlTransactions } from '../../../bridge/storage/transactions.js';
import { createUpkeep } from '../../../bridge/storage/upkeep-store.js';
import type { Store } from '../storage/store.js';

/** What a person would expect of the queue, in as few words as possible. */
export interface Model {
  strategy: Strategy;
  /** Ids of chats in the order in which their visitors wrote first; `owner` null: nobody has it. */
  chats: Map<number, { owner: number | null; ended: boolean; declined: Set<number>; skill: boolean }>;
  /** `skilled`: may be asked about chats that want a skill; `first`: is asked before the others. */
  operators: Map<
    number,
    { show: Show; limit: number; paused: boolean; approved: boolean; skilled: boolean; first: boolean }
  >;
}

/** What the commands work on: a real database, and one process or two of the bridge. */
export interface Real {
  store: Store;
  processes: readonly MysqlTransactions[];
  operators: readonly Operator[];
  dispatcher: Dispatcher;
}

export function newDispatcher(store: Store, transactions: MysqlTransactions): Dispatcher {
  return new Dispatcher({
    transactions,
    upkeep: createUpkeep(store.pool),
    onError: (error) => {
      throw error;
    },
  });
}

export function loadOf(model: Model, operatorId: number): number {
  return [...model.chats.values()].filter(({ owner, ended }) => !ended && owner === operatorId).length;
}

/** Lets the dispatcher look until there is nothing more to do, and compares what is there with what should be. */
export async function atRest(model: Model, { store, dispatcher }: Real): Promise<void> {
  await dispatcher.poll();
  // Nobody rests: chats would rightly wait beside operators who have just let them pass.
  await store.select("UPDATE offers SET ended_at = NOW(3) - INTERVAL 1 HOUR WHERE state = 'expired'");
  await dispatcher.poll();
  const chats = await store.select('SELECT * FROM chats ORDER BY queued_at, id');
  const offers = await store.select("SELECT chat_id, operator_id FROM offers WHERE state = 'open'");
  const shown = await store.select(
    "SELECT chat_id, operator_id, sent_number FROM chat_participants WHERE role = 'offered'",
  );
  expect(chats.map((row) => row['id']).sort((a, b) => a - b)).to.deep.equal(
    [...model.chats.keys()].sort((a, b) => a - b),
  );

  for (const row of chats) {
    const expected = model.chats.get(row['id'] as number) as NonNullable<ReturnType<Model['chats']['get']>>;
    const about = `chat ${row['id']} (${row['state']})`;
    const asked = offers
      .filter((offer) => offer['chat_id'] === row['id'])
      .map((offer) => offer['operator_id'] as number);
    expect(['closed', 'abandoned'].includes(row['state'] as string), `${about} has ended`).to.equal(expected.ended);
    if (expected.ended) {
      expect(asked, `${about} is offered`).to.deep.equal([]);
      continue;
    }
    if (expected.owner === null && row['state'] === 'active' && model.strategy === 'direct')
      expected.owner = row['operator_id'] as number;
    expect(row['operator_id'], `owner of ${about}`).to.equal(expected.owner);
    expect(row['state'] === 'active', about).to.equal(expected.owner !== null);
    expect(row['state'] === 'offered', about).to.equal(asked.length > 0);
    if (row['state'] !== 'offered') continue;
    const reading = shown.filter((one) => one['chat_id'] === row['id']);
    expect(reading.map((one) => one['operator_id']).sort(), `who reads ${about}`).to.deep.equal(asked.sort());
    expect(new Set(reading.map((one) => one['sent_number'])), about).to.deep.equal(new Set([row['last_number']]));
    if (model.strategy !== 'all') expect(asked, about).to.have.length(1);
    for (const id of asked)
      expect(expected.declined.has(id), `${about} is offered to one who declined`).to.equal(false);
  }

  const waiting = chats.filter((row) => row['state'] === 'waiting');
  expect(
    waiting.map((row) => row['position']),
    'places',
  ).to.deep.equal(waiting.map((_, i) => i + 1));
  for (const [id, { show, limit, paused, approved, skilled, first }] of model.operators) {
    const load = loadOf(model, id);
    const taken = offers.filter((offer) => offer['operator_id'] === id).length;
    const room = load + (model.strategy === 'one' ? taken : 0) < limit;
    const there = show === 'available' || show === 'chat';
    const blocked = !there || paused || !approved;
    if (blocked || load >= limit)
      expect(show === 'away' && !paused && approved ? 0 : taken, `offers to ${id}`).to.equal(0);
    if (blocked || !room) continue;
    // Of a department that asks everybody, those of the first group read all that anybody is asked about.
    const open = model.strategy === 'all' && first ? chats.filter((row) => row['state'] === 'offered') : [];
    const left = [...waiting, ...open].filter((row) => {
      if (offers.some((offer) => offer['operator_id'] === id && offer['chat_id'] === row['id'])) return false;
      const one = model.chats.get(row['id'] as number);
      return one?.declined.has(id) === false && (skilled || !one.skill);
    });
    expect(left, `${id} is free beside waiting chats`).to.deep.equal([]);
  }
}
