/** A room on ejabberd's conference service (XEP-0045) that the service account owns. */
export interface Room {
  readonly id: number;
  readonly instanceId: number;
  /** The service account. */
  readonly accountId: number;
  readonly departmentId: number | null;
  readonly purpose: RoomPurpose;
  /** `name@service`: nobody can guess the name. */
  readonly name: string;
  readonly service: string;
  title: string;
  subject: string;
  readonly maxOccupants: number;
  state: RoomState;
  /** By the database's clock. */
  stateSince: Date;
  /** The operator who was directed into it; of a `chat` room the one who made it. */
  operatorId: number | null;
  chatId: number | null;
  readonly externalId: string | null;
  /** Reports that are older, by ejabberd's clock, don't count any more. */
  syncedAt: Date | null;
  readonly createdAt: Date;
}

/** `pool`: for whoever comes next; `chat`: of a chat to which others were invited; `group`: operators among themselves. */
export type RoomPurpose = 'pool' | 'chat' | 'group';

/**
 * `making`: not on ejabberd yet; `available`: nobody is in it; `directed`: somebody was told to come in; `staff_waiting`: one operator is in it;
 * `chatting`: two or more people; `closing`: somebody has left; `lost`: somebody's connection broke; `closed` and `abandoned`: over, and removed from
 * ejabberd: after people had left, or after the last was lost or nobody came.
 */
export type RoomState =
  'making' | 'available' | 'directed' | 'staff_waiting' | 'chatting' | 'closing' | 'lost' | 'closed' | 'abandoned';

/** Every transition that there is. A room is never used twice. */
const TRANSITIONS: Record<RoomState, readonly RoomState[]> = {
  // Somebody may be in it before it is written down that it was made.
  making: ['available', 'staff_waiting', 'chatting', 'closed', 'abandoned'],
  available: ['directed', 'staff_waiting', 'chatting', 'closed', 'abandoned'],
  directed: ['staff_waiting', 'chatting', 'closed', 'abandoned'],
  staff_waiting: ['chatting', 'closed', 'abandoned'],
  chatting: ['closing', 'lost', 'closed', 'abandoned'],
  closing: ['chatting', 'lost', 'closed', 'abandoned'],
  lost: ['chatting', 'closing', 'closed', 'abandoned'],
  closed: [],
  abandoned: [],
};

export const ROOM_STATES = Object.keys(TRANSITIONS) as RoomState[];

export function canMoveRoom(from: RoomState, to: RoomState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Whether it is, or will be, on ejabberd. */
export function isOpenRoom({ state }: Pick<Room, 'state'>): boolean {
  return TRANSITIONS[state].length > 0;
}

/** What the names of all rooms begin with that this bridge, and those it shares a database with, have made. */
export function ownPrefix(mark: string): string {
  return `foyer-${mark}-`;
}

export function roomJid({ name, service }: Pick<Room, 'name' | 'service'>): string {
  return `${name}@${service}`;
}

/** A client in a room, as mod_foyer reported it last. */
export interface Occupant {
  /** Full JID. */
  readonly jid: string;
  readonly nick: string;
  readonly role: string;
  readonly present: boolean;
  readonly reportedAt: Date;
}

/** People in a room, by what they are there. */
export interface Present {
  /** Accounts of operators and others who aren't Foyer's own. */
  people: number;
  /** Whether the visitor is in it. */
  visitor: boolean;
}

/**
 * What a change of who is present makes of a room; null: it stays as it is.
 * @param clean whether who left said so; of no meaning when nobody did
 * @param goesOn a chat takes place in it that isn't over: who was lost may come back, even if everybody was
 */
export function nextState(
  { state, purpose }: Pick<Room, 'state' | 'purpose'>,
  { people, visitor }: Present,
  clean: boolean,
  goesOn: boolean,
): RoomState | null {
  const all = people + (visitor ? 1 : 0);
  const inUse = state === 'chatting' || state === 'closing' || state === 'lost';
  // A group lives for as long as its helpdesk wants.
  if (purpose === 'group') return all > 0 && (state === 'making' || state === 'available') ? 'chatting' : null;
  if (all >= 2) return state === 'chatting' ? null : 'chatting';
  if (all === 0) {
    if (!inUse && state !== 'staff_waiting') return null;
    if (clean && state !== 'lost') return 'closed';
    if (!goesOn) return 'abandoned';
    return inUse && state !== 'lost' ? 'lost' : null;
  }
  if (state === 'chatting') return clean ? 'closing' : 'lost';
  if (inUse) return null;
  return people === 1 && state !== 'staff_waiting' ? 'staff_waiting' : null;
}
