import type { ChatState } from '../chats/chat.js';
import { isOpen, type Hours } from '../hours/hours.js';
import type { Show } from '../operators/operator.js';
import type { Department } from '../queue/department.js';
import type { Desk } from '../instances/instance.js';
import type { RoomPurpose, RoomState } from '../rooms/room.js';
import { whyClosed, type ClosedBecause } from '../queue/opening.js';

/** How an instance stands at this moment, for those who watch over it. */
export interface Overview {
  departments: DepartmentOverview[];
  /** In the order of their names. */
  desks: WatchedDesk[];
  /** Those who wait first, whoever waits longest in front; then those that an operator has, the oldest first. */
  chats: OpenChat[];
  moreChats: boolean;
  /** Online ones first. */
  operators: WatchedOperator[];
  moreOperators: boolean;
  /** In which somebody is, or is to come; those of a pool that stand ready are not among them. The longest so in front. */
  rooms: WatchedRoom[];
  moreRooms: boolean;
}

export interface DepartmentOverview extends DepartmentFigures {
  id: number;
  name: string;
  opening: Department['opening'];
  /** Why it takes no new chat; null: it takes one. */
  closed: ClosedBecause | 'out_of_hours' | null;
}

/** Operators who only monitor a department don't count as its own. */
export interface DepartmentFigures {
  /** Chats in the queue that nobody is asked to take. */
  waiting: number;
  /** Chats that operators are asked to take. */
  offered: number;
  /** Chats that an operator has; invitations too. */
  active: number;
  /** Since when the chat has been without an operator that has been so for longest. */
  waitingSince: Date | null;
  online: number;
  /** There, approved and not paused, however busy. */
  available: number;
  paused: number;
}

/** A chat that isn't over. */
export interface OpenChat {
  id: number;
  number: number;
  state: ChatState;
  departmentId: number;
  visitor: { id: number; externalId: string | null; nick: string | null };
  /** The owner. */
  operatorId: number | null;
  /** Operators who are asked to take it, and the only one of them if there is one only. */
  asked: number;
  askedOperatorId: number | null;
  createdAt: Date;
  /** Null while an operator has it, and before the visitor's first message. */
  waitingSince: Date | null;
  acceptedAt: Date | null;
  lastNumber: number;
}

export interface WatchedOperator {
  id: number;
  name: string;
  show: Show;
  paused: boolean;
  approved: boolean;
  maxChats: number;
  openChats: number;
  departmentIds: number[];
}

export interface WatchedDesk {
  id: number;
  key: string;
  name: string;
  departmentId: number;
  state: Desk['state'];
}

export interface WatchedRoom {
  id: number;
  title: string;
  purpose: RoomPurpose;
  state: RoomState;
  stateSince: Date;
  /** Null: of a group. */
  departmentId: number | null;
  chatNumber: number | null;
  /** Nicks of those who are in it, sorted. */
  occupants: string[];
}

/** What is read for it, by the database's clock. */
export interface OverviewFacts extends Omit<Overview, 'departments'> {
  at: Date;
  departments: { department: Department; hours: Hours | null; figures: DepartmentFigures }[];
}

/** Figures for supervisors; rules never build on them. */
export interface SupervisionReads {
  /** @param departments of these alone, and operators who are in one of them; undefined: all */
  overview(instanceId: number, bounds: typeof OVERVIEW_BOUNDS, departments?: readonly number[]): Promise<OverviewFacts>;
  /** Those of these API keys that still hold, of instances that aren't suspended. */
  keysThatHold(ids: readonly number[]): Promise<ReadonlySet<number>>;
}

export const OVERVIEW_BOUNDS = { chats: 500, operators: 500, desks: 200, rooms: 100 } as const;

/**
 * @param of ids of departments: what concerns no other
 * @returns the overview, and when it was so
 */
export async function overviewOf(
  reads: SupervisionReads,
  instanceId: number,
  of?: readonly number[],
): Promise<{ at: Date; overview: Overview }> {
  const { at, departments, ...rest } = await reads.overview(instanceId, OVERVIEW_BOUNDS, of);
  const seen = departments.map(({ department, hours, figures }) => ({
    ...{ id: department.id, name: department.name, opening: department.opening, ...figures },
    closed: closedBecause(department, hours, figures, at),
  }));
  return { at, overview: { departments: seen, ...rest } };
}

function closedBecause(
  department: Department,
  hours: Hours | null,
  { waiting, available }: DepartmentFigures,
  at: Date,
): DepartmentOverview['closed'] {
  // By hand it is open or closed whatever the hours say.
  if (department.opening === 'auto' && hours && !isOpen(hours, at)) return 'out_of_hours';
  return whyClosed(department, { waiting, there: available > 0 });
}
