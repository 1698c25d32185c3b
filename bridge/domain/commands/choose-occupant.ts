import type { Chat } from '../chats/chat.js';
import { mayInRoom } from '../rooms/rights.js';
import { whoIs, type Occupying } from '../rooms/put-out.js';
import type { Room } from '../rooms/room.js';
import { bareJid } from '../../shared/jid.js';
import { refusal, type Text } from '../texts/say.js';
import type { Argument } from './argument.js';
import type { Call } from './command.js';
import { operatorNames, takeName } from './parse-command.js';

/** Characters. */
const NICK_LENGTH = 200;

export const nickArgument: Argument = {
  ...{ name: 'nick', label: 'arg_nick', type: 'line', required: true, longest: NICK_LENGTH },
};

type Removable = Exclude<Occupying, { who: 'foyer' } | { who: 'stranger' }>;
export type ChosenOccupant = { one: Removable; name: string; rest: string } | { text: Text };

/** Whom a command is about: somebody in the room by the nick there, or a colleague by name. Whoever may put others out can be put out by the helpdesk alone. */
export async function chooseOccupant(
  { tx, operator }: Call,
  room: Room,
  chat: Chat | undefined,
  typed: string,
): Promise<ChosenOccupant> {
  const present = (await tx.rooms.occupants(room.id)).filter((one) => one.present);
  const nicks = present.map(({ nick, jid }) => ({ name: nick, value: bareJid(jid) }));
  const colleagues = (await tx.queue.operators(operator.instanceId)).flatMap((one) => operatorNames(one, one.jid));
  const found = takeName(typed, [...nicks, ...colleagues]);
  if (!found) return { text: refusal('not_in_room', { name: typed }) };
  const one = await whoIs(tx, room, chat, found.value);
  const name = typed.slice(0, typed.length - found.rest.length).trim();
  if (one.who === 'foyer' || one.who === 'stranger') return { text: refusal('room_equal', { name }) };
  if (one.who === 'visitor') return { one, name, rest: found.rest };
  if (await mayInRoom(tx, room, one.operator, 'kick'))
    return { text: refusal('room_equal', { name: one.operator.name }) };
  return { one, name: one.operator.name, rest: found.rest };
}
