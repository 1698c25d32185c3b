import type { Occupant, Room, RoomPurpose, RoomState } from './room.js';

/** The rooms that a department keeps ready, and for whom. */
export interface RoomPool {
  readonly departmentId: number;
  readonly instanceId: number;
  /** Rooms that stand ready. */
  readonly size: number;
  /** Rooms at a time, in use or not. */
  readonly maxRooms: number;
  /** Rooms of one operator at a time. */
  readonly maxPerOperator: number;
  readonly maxOccupants: number;
  /** How long an operator may take to come in. */
  readonly allocationSeconds: number;
}

export interface NewRoom {
  instanceId: number;
  /** The service account, and its host. */
  accountId: number;
  host: string;
  departmentId: number | null;
  purpose: RoomPurpose;
  title: string;
  maxOccupants: number;
  operatorId?: number;
  chatId?: number;
  externalId?: string;
}

/**
 * What the rules of rooms ask of their storage. Who locks a room and a chat locks the chat first; who holds the queue takes only rooms that nobody
 * else has locked.
 */
export interface RoomStore {
  /** Name and password are made up. */
  create(room: NewRoom): Promise<Room>;
  peek(id: number): Promise<Room | undefined>;
  lock(id: number): Promise<Room | undefined>;
  /** Locks many by one statement; `lock` then finds them at hand. */
  lockMany(ids: readonly number[]): Promise<void>;
  /** Not locked: as it was when the transaction asked first. */
  byJid(service: string, name: string): Promise<Room | undefined>;
  /** Reads many by one statement; `byJid` then finds them at hand. */
  readByJids(jids: readonly { host: string; local: string }[]): Promise<void>;
  byExternalId(instanceId: number, externalId: string): Promise<Room | undefined>;
  /** Writes the state with its time. */
  setState(room: Room, state: RoomState, reason: string): Promise<void>;
  /** Title, subject, chat, operator and the time of the last look. */
  update(room: Room): Promise<void>;
  /** Who is in it. */
  occupants(roomId: number): Promise<Occupant[]>;
  /** One that was reported ever, there or not. Full JID. */
  occupant(roomId: number, jid: string): Promise<Occupant | undefined>;
  setOccupant(roomId: number, occupant: Occupant): Promise<void>;
  pool(departmentId: number): Promise<RoomPool | undefined>;
  /** Until the commit: who refills it is alone. */
  lockPool(departmentId: number): Promise<RoomPool | undefined>;
  setPool(pool: RoomPool): Promise<void>;
  removePool(departmentId: number): Promise<void>;
  /** How many there are that stand ready or will, and how many at all. */
  counts(departmentId: number): Promise<{ ready: number; open: number }>;
  /** Locks the one that has stood ready for longest, if there is one that nobody else has locked. */
  takeAvailable(departmentId: number): Promise<Room | undefined>;
  /** Rooms in which an operator waits, or is awaited; who waits longest first, those awaited last. Locks those that are free. */
  waiting(departmentId: number): Promise<Room[]>;
  /** Open rooms of an operator. */
  ofOperator(operatorId: number): Promise<Room[]>;
  /** Ids of rooms in which an operator was awaited for longer than the pool allows. */
  overdue(departmentId: number): Promise<number[]>;
  /** Ids of rooms of a pool in which a visitor has been alone for longer than the department's grace. */
  deserted(departmentId: number): Promise<number[]>;
  /** Open rooms of a department's chats. */
  openIn(departmentId: number): Promise<Room[]>;
  /** Open rooms in which one of these chats took place last. */
  openOf(chatIds: readonly number[]): Promise<Room[]>;
  /** Ids of a pool's open rooms in which nobody is. */
  idle(departmentId: number): Promise<number[]>;
  /** When each operator whom nobody should send into a room just now last didn't come into one, or was put out of it; in the last hour. */
  missed(departmentId: number): Promise<Map<number, Date>>;
  /** Bans that hold. */
  bans(roomId: number): Promise<RoomBan[]>;
  /** In place of an earlier one. Ends by the database's clock. */
  ban(ban: Omit<RoomBan, 'id' | 'createdAt' | 'expiresAt'> & { seconds: number | null }): Promise<RoomBan>;
  unban(id: number): Promise<void>;
  /** Those that have ended, and are still held to. */
  endedBans(): Promise<RoomBan[]>;
  /** Somebody types in a chat's room, or no longer. @returns who does now, by names */
  noteTyping(roomId: number, name: string, typing: boolean): Promise<string[]>;
  members(roomId: number): Promise<number[]>;
  setMembers(roomId: number, operatorIds: readonly number[]): Promise<void>;
  /** @returns null where the key is known already */
  addMessage(message: NewRoomMessage): Promise<RoomMessage | null>;
  messageByKey(roomId: number, senderKey: string): Promise<RoomMessage | undefined>;
  /** By its author's id, that of its correction, or the archive's. */
  messageByStanzaId(roomId: number, operatorId: number, stanzaId: string): Promise<RoomMessage | undefined>;
  /** Another text in its place, by a stanza with this id; null: the words are gone. */
  changeMessage(message: RoomMessage, changed: { text: string; stanzaId: string } | null): Promise<RoomMessage>;
}

/** An operator may not come back into a room. */
export interface RoomBan {
  readonly id: number;
  readonly roomId: number;
  readonly operatorId: number;
  readonly reason: string;
  /** As in the audit. */
  readonly actor: string;
  readonly createdAt: Date;
  /** Null: for as long as there is the room. */
  readonly expiresAt: Date | null;
}

export interface NewRoomMessage {
  roomId: number;
  instanceId: number;
  operatorId: number | null;
  authorName: string;
  text: string;
  senderKey: string;
  stanzaId?: string | undefined;
  archiveId?: string | undefined;
}

/** What was said in a group. */
export interface RoomMessage extends NewRoomMessage {
  id: number;
  createdAt: Date;
  correctedAt: Date | null;
  /** Its words are gone. */
  deletedAt: Date | null;
}
