import { bareJid as jidOf } from '../accounts/account.js';
import type { Chat } from '../chats/chat.js';
import type { Tx } from '../ports.js';
import { bareJid } from '../../shared/jid.js';
import type { Occupant, Present, Room } from './room.js';

/** The role in a moderated room of those who may not speak (XEP-0045): nobody is told of them. */
export const WATCHER = 'visitor';

export function hasVoice({ present, role }: Occupant): boolean {
  return present && role !== WATCHER;
}

/** Accounts of Foyer's own that are in a room beside people. */
export interface OwnAccounts {
  service: string;
  visitor: string | null;
}

export async function ownAccounts(tx: Tx, room: Room, chat: Chat | undefined): Promise<OwnAccounts> {
  const service = await tx.accounts.get(room.accountId);
  const visitor = chat && (await tx.accounts.get(chat.accountId));
  return { service: service ? jidOf(service) : '', visitor: visitor ? jidOf(visitor) : null };
}

/** Who watches keeps open a room that was made for the chat; one of a pool is its operator's. */
export function presentIn(
  { purpose }: Pick<Room, 'purpose'>,
  occupants: readonly Occupant[],
  { service, visitor }: OwnAccounts,
): Present {
  const counts = (one: Occupant): boolean => (purpose === 'pool' ? hasVoice(one) : one.present);
  const there = new Set(occupants.filter(counts).map(({ jid }) => bareJid(jid)));
  const isVisitor = visitor !== null && there.has(visitor);
  return { people: there.size - (there.has(service) ? 1 : 0) - (isVisitor ? 1 : 0), visitor: isVisitor };
}

/** People in a room beside Foyer's own accounts, with a voice or not. */
export async function peopleIn(tx: Tx, room: Room, chat: Chat): Promise<number> {
  return presentIn(room, await tx.rooms.occupants(room.id), await ownAccounts(tx, room, chat)).people;
}
