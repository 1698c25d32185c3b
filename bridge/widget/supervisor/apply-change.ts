import { isWaiting } from './chat-row.js';
import type { OpenChat, Operator, Overview, OverviewChange, Room } from './types.js';

/** The overview after a change, in the order in which the bridge tells it. */
export function applyChange(before: Overview, change: OverviewChange): Overview {
  const { chats_gone: chatsGone, operators_gone: operatorsGone, rooms_gone: roomsGone, ...now } = change;
  return {
    ...now,
    chats: merged(before.chats, change.chats, chatsGone).sort(
      (a, b) => waitingFirst(a, b) || compare(sinceOf(a), sinceOf(b)) || a.id - b.id,
    ),
    operators: merged(before.operators, change.operators, operatorsGone).sort(
      (a, b) => offlineLast(a, b) || a.name.localeCompare(b.name) || a.id - b.id,
    ),
    rooms: merged(before.rooms, change.rooms, roomsGone).sort(
      (a: Room, b: Room) => compare(a.state_since, b.state_since) || a.id - b.id,
    ),
  };
}

function merged<T extends { id: number }>(before: readonly T[], changed: readonly T[], gone: readonly number[]): T[] {
  const all = new Map(before.map((one) => [one.id, one]));
  for (const one of changed) all.set(one.id, one);
  for (const id of gone) all.delete(id);
  return [...all.values()];
}

function waitingFirst(a: OpenChat, b: OpenChat): number {
  return Number(isWaiting(b)) - Number(isWaiting(a));
}

function sinceOf(chat: OpenChat): string {
  return isWaiting(chat) ? (chat.waiting_since ?? chat.created_at) : chat.created_at;
}

function offlineLast(a: Operator, b: Operator): number {
  return Number(a.show === 'offline') - Number(b.show === 'offline');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
