import { DELIVERY_ORDER, isFurther, type DeliveryState, type Message, type Sender } from '../domain/chats/message.js';
import type { UnitOfWork } from './unit-of-work.js';
import type { Statement } from './pool.js';

/** Messages `from`…`to` of one chat and sender that have come as far as `state`. */
export interface Progress {
  chatId: number;
  from: number;
  to: number;
  sender: Sender;
  state: DeliveryState;
}

/** What `states` gives: as stored, with what this transaction has added (`appended`) and moved. */
export async function readStates(
  work: UnitOfWork,
  { chatId, from, to, sender }: Omit<Progress, 'state'>,
  appended: readonly Pick<Message, 'number' | 'state'>[],
): Promise<{ number: number; state: DeliveryState }[]> {
  const found = await work.select(
    `SELECT messages.number, messages.state FROM messages
      WHERE messages.chat_id = ? AND messages.number BETWEEN ? AND ? AND messages.sender = ? ORDER BY messages.number`,
    [chatId, from, to, sender],
  );
  const stored = found.map((row) => ({ number: row['number'] as number, state: row['state'] as DeliveryState }));
  const here = appended.filter(({ number }) => number >= from && number <= to);
  const moved = work.pending.progress.filter((one) => one.chatId === chatId && one.sender === sender);
  return [...stored, ...here].map(({ number, state }) => ({
    number,
    state: moved.reduce(
      (last, one) => (number >= one.from && number <= one.to && isFurther(one.state, last) ? one.state : last),
      state,
    ),
  }));
}

/** The column that keeps when a state was reached. */
const REACHED_AT: Partial<Record<DeliveryState, string>> = {
  acked: 'acked_at',
  delivered: 'delivered_at',
  seen: 'seen_at',
};

/** Ranges in one statement: more make the server plan longer than it saves. */
const RANGES_AT_ONCE = 200;

/** One statement for all that came to the same state. Only forward: a message that is further already stays, so that their order doesn't matter. */
export function progressUpdates(work: UnitOfWork): Statement[] {
  const groups = new Map<string, Progress[]>();
  for (const one of work.pending.progress) {
    const key = `${one.sender} ${one.state}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const statements: Statement[] = [];
  for (const group of groups.values()) {
    for (let i = 0; i < group.length; i += RANGES_AT_ONCE)
      statements.push(advance(group.slice(i, i + RANGES_AT_ONCE), work.now));
  }
  return statements;
}

/** All of one sender and one state. */
function advance(group: readonly Progress[], now: Date): Statement {
  const { sender, state } = group[0] as Progress;
  const at = REACHED_AT[state];
  const ranges = group.map(() => '(chat_id = ? AND number BETWEEN ? AND ?)').join(' OR ');
  return {
    sql: `UPDATE messages SET state = ?${at === undefined ? '' : `, ${at} = ?`} WHERE (${ranges}) AND sender = ? AND state + 0 < ?`,
    values: [
      ...[state, ...(at === undefined ? [] : [now])],
      ...group.flatMap(({ chatId, from, to }) => [chatId, from, to]),
      ...[sender, DELIVERY_ORDER.indexOf(state) + 1],
    ],
  };
}
