import type { Occupant, Room, RoomPurpose, RoomState } from './room.js';
import type { RoomMessage, RoomPool } from './store.js';

/** Reading rooms without a transaction. */
export interface RoomReads {
  /** Newest first. */
  list(instanceId: number, filter: RoomFilter): Promise<RoomView[]>;
  get(instanceId: number, id: number): Promise<RoomView | undefined>;
  pools(instanceId: number): Promise<RoomPool[]>;
  /** Of a group, after this id, ascending. */
  messages(roomId: number, after: number, limit: number): Promise<RoomMessage[]>;
  /** What should be on this host of ejabberd. */
  openOn(host: string): Promise<WantedRoom[]>;
  /** Which of these are rooms that aren't over; as JIDs. */
  known(rooms: readonly { service: string; name: string }[]): Promise<Set<string>>;
  /** For `ownPrefix`. */
  mark(): Promise<string>;
  /** Departments that have a pool, of all instances. */
  poolDepartments(): Promise<number[]>;
  byState(): Promise<{ state: string; count: number }[]>;
}

export interface RoomFilter {
  states?: readonly RoomState[] | undefined;
  purpose?: RoomPurpose | undefined;
  /** Rooms of these alone. */
  departmentIds?: readonly number[] | undefined;
  /** Rooms with a lower id: the next page. */
  before?: number | undefined;
  limit: number;
}

/** A room with what stands around it. */
export interface RoomView {
  room: Room;
  operatorName: string | null;
  chatNumber: number | null;
  /** Who is in it. */
  occupants: Occupant[];
  /** Ids of the operators of a group. */
  members: number[];
  states: { state: RoomState; reason: string; at: Date }[];
}

/** An open room as the table has it. */
export interface WantedRoom {
  room: Room;
  /** Who is in it. */
  occupants: Occupant[];
  /** Bare JIDs of Foyer's own accounts that should be in it now. */
  expected: string[];
}

/** A room as ejabberd has it, at `at` by its clock. */
export interface RoomOnServer {
  jid: string;
  /** RFC 3339. */
  at: string;
  occupants: readonly { jid: string; nick: string; role: string }[];
}

/** The conference services of one host, as far as they can be asked. */
export interface RoomServer {
  rooms(): Promise<RoomOnServer[]>;
  /** Whether all that has happened up to now was reported to the bridge; waits a moment for it. */
  reported(): Promise<boolean>;
  /** Rooms that nobody knows here. */
  destroy(jids: readonly string[]): Promise<void>;
}
