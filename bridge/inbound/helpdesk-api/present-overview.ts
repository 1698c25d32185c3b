import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { OVERVIEW_BOUNDS, type OpenChat } from '../../domain/supervision/overview.js';
import { ROOM_STATES, type RoomState } from '../../domain/rooms/room.js';
import { time } from '../http/time.js';
import type { Snapshot } from './overview-watch.js';
import { visitorRefShape } from './present.js';

const departmentShape = z
  .object({
    id: z.int(),
    name: z.string(),
    opening: z.enum(['auto', 'open', 'closed']).meta({ description: 'By hand; `auto`: by hours and rules.' }),
    open: z.boolean().meta({ description: 'Whether it takes new chats now.' }),
    closed_because: z.enum(['out_of_hours', 'queue_closed', 'queue_full', 'nobody_there']).nullable(),
    waiting: z.int().meta({ description: 'Chats that nobody is asked to take.' }),
    offered: z.int().meta({ description: 'Chats that operators are asked to take.' }),
    active: z.int().meta({ description: 'Chats that an operator has; invitations too.' }),
    waiting_since: time.nullable().meta({ description: 'When the one began to wait that has waited for longest.' }),
    longest_wait: z.number().nullable().meta({ description: 'Seconds, at the time of the overview.' }),
    operators: z.object({
      online: z.int(),
      available: z.int().meta({ description: 'There, approved and not paused, however busy.' }),
      paused: z.int().meta({ description: 'Of those online.' }),
    }),
  })
  .meta({ id: 'DepartmentOverview' });

const chatShape = z
  .object({
    id: z.int(),
    number: z.int(),
    state: z.enum(['waiting', 'offered', 'active', 'invited']),
    department: z.int().meta({ description: 'Its id.' }),
    visitor: visitorRefShape,
    operator: z.int().nullable().meta({ description: 'Id of the owner.' }),
    asked: z.int().meta({ description: 'How many operators are asked to take it.' }),
    asked_operator: z.int().nullable().meta({ description: 'Who is asked, where it is one alone.' }),
    created_at: time,
    waiting_since: time.nullable().meta({
      description: 'Since when it has had no operator; null while one has it, and before the visitor’s first message.',
    }),
    accepted_at: time.nullable(),
    last_number: z.int().meta({ description: 'Messages so far.' }),
  })
  .meta({ id: 'OpenChat' });

const operatorShape = z
  .object({
    id: z.int(),
    name: z.string(),
    show: z.enum(['available', 'chat', 'away', 'xa', 'dnd', 'offline']),
    paused: z.boolean(),
    approved: z.boolean(),
    max_chats: z.int(),
    open_chats: z.int(),
    departments: z.array(z.int()).meta({ description: 'Their ids.' }),
  })
  .meta({ id: 'OperatorOverview' });

const deskShape = z
  .object({
    id: z.int(),
    key: z.string(),
    name: z.string(),
    department: z.int().meta({ description: 'Its id.' }),
    state: z.enum(['active', 'inactive']),
  })
  .meta({ id: 'DeskOverview' });

const roomShape = z
  .object({
    id: z.int(),
    title: z.string(),
    purpose: z.enum(['pool', 'chat', 'group']),
    state: z.enum(ROOM_STATES as [RoomState, ...RoomState[]]),
    state_since: time,
    department: z.int().nullable().meta({ description: 'Its id; null: of a group.' }),
    chat: z.int().nullable().meta({ description: 'The number of the chat that takes place in it.' }),
    occupants: z.array(z.string()).meta({ description: 'Nicks of those who are in it.' }),
  })
  .meta({ id: 'RoomOverview' });

export const overviewShape = z
  .object({
    at: time.meta({ description: 'When it was so, by the database’s clock.' }),
    departments: z.array(departmentShape),
    desks: z.array(deskShape).meta({ description: `At most ${OVERVIEW_BOUNDS.desks}.` }),
    chats: z.array(chatShape).meta({
      description: `Chats that aren’t over: first those that wait, the longest in front, then the others, the oldest in front. At most ${OVERVIEW_BOUNDS.chats}.`,
    }),
    more: z.boolean().meta({ description: 'There are more chats.' }),
    operators: z.array(operatorShape).meta({
      description: `Those online first. At most ${OVERVIEW_BOUNDS.operators}.`,
    }),
    more_operators: z.boolean(),
    rooms: z.array(roomShape).meta({
      description: `In which somebody is, or is to come, the longest so in front. At most ${OVERVIEW_BOUNDS.rooms}.`,
    }),
    more_rooms: z.boolean(),
  })
  .meta({ id: 'Overview' });
type OverviewJson = z.infer<typeof overviewShape>;

export const changeShape = overviewShape
  .extend({
    departments: z.array(departmentShape).meta({ description: 'All of them; all desks too.' }),
    chats: z.array(chatShape).meta({ description: 'Those that are new or different. Their order is the overview’s.' }),
    chats_gone: z.array(z.int()).meta({ description: 'Ids.' }),
    operators: z.array(operatorShape).meta({ description: 'Those who are new or different.' }),
    operators_gone: z.array(z.int()),
    rooms: z.array(roomShape).meta({ description: 'Those that are new or different.' }),
    rooms_gone: z.array(z.int()),
  })
  .meta({ id: 'OverviewChange', description: 'What differs from the overview before.' });
type ChangeJson = z.infer<typeof changeShape>;

export function presentOverview({ at, overview }: Snapshot): OverviewJson {
  return {
    at: at.toISOString(),
    departments: overview.departments.map(({ id, name, opening, closed, waitingSince, ...figures }) => ({
      ...{ id, name, opening, open: closed === null, closed_because: closed },
      ...{ waiting: figures.waiting, offered: figures.offered, active: figures.active },
      waiting_since: waitingSince?.toISOString() ?? null,
      longest_wait: waitingSince && Math.max(0, (at.getTime() - waitingSince.getTime()) / 1000),
      operators: { online: figures.online, available: figures.available, paused: figures.paused },
    })),
    desks: overview.desks.map(({ departmentId, ...desk }) => ({ ...desk, department: departmentId })),
    chats: overview.chats.map(presentOpenChat),
    more: overview.moreChats,
    operators: overview.operators.map(({ id, name, show, paused, approved, ...rest }) => ({
      ...{ id, name, show, paused, approved },
      ...{ max_chats: rest.maxChats, open_chats: rest.openChats, departments: rest.departmentIds },
    })),
    more_operators: overview.moreOperators,
    rooms: overview.rooms.map(({ stateSince, departmentId, chatNumber, ...room }) => ({
      ...{ ...room, state_since: stateSince.toISOString() },
      ...{ department: departmentId, chat: chatNumber },
    })),
    more_rooms: overview.moreRooms,
  };
}

export function presentChange(before: Snapshot, now: Snapshot): ChangeJson {
  const [was, is] = [presentOverview(before), presentOverview(now)];
  const chats = differences(was.chats, is.chats);
  const operators = differences(was.operators, is.operators);
  const rooms = differences(was.rooms, is.rooms);
  return {
    ...is,
    ...{ chats: chats.changed, chats_gone: chats.gone },
    ...{ operators: operators.changed, operators_gone: operators.gone },
    ...{ rooms: rooms.changed, rooms_gone: rooms.gone },
  };
}

function differences<T extends { id: number }>(
  before: readonly T[],
  now: readonly T[],
): { changed: T[]; gone: number[] } {
  const earlier = new Map(before.map((one) => [one.id, one]));
  const changed = now.filter((one) => !isDeepStrictEqual(earlier.get(one.id), one));
  for (const { id } of now) earlier.delete(id);
  return { changed, gone: [...earlier.keys()] };
}

function presentOpenChat(chat: OpenChat): z.infer<typeof chatShape> {
  const { externalId, ...visitor } = chat.visitor;
  return {
    ...{ id: chat.id, number: chat.number, state: chat.state as z.infer<typeof chatShape>['state'] },
    ...{ department: chat.departmentId, visitor: { ...visitor, external_id: externalId } },
    ...{ operator: chat.operatorId, asked: chat.asked, asked_operator: chat.askedOperatorId },
    created_at: chat.createdAt.toISOString(),
    waiting_since: chat.waitingSince?.toISOString() ?? null,
    accepted_at: chat.acceptedAt?.toISOString() ?? null,
    last_number: chat.lastNumber,
  };
}
