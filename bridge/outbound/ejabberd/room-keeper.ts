import type { Seat } from '../xmpp/seats.js';
import { EjabberdError } from './admin-errors.js';
import type { AccountOutcome, Admission, ModFoyerClient } from './mod-foyer-client.js';

/** A room with what opens it. Never logged, never put into JSON. */
export interface RoomWithPassword {
  id: number;
  name: string;
  service: string;
  title: string;
  maxOccupants: number;
  password: string;
  /** Not over. */
  open: boolean;
  /** What each member may do: `invite`, `topic`, with a space between. */
  may: string;
}

export interface RoomKeeperDeps {
  modFoyer: Pick<ModFoyerClient, 'createRooms' | 'destroyRooms' | 'admitToRoom' | 'putOutOfRoom'>;
  rooms: { get(id: number): Promise<RoomWithPassword | undefined> };
}

/** Rooms as ejabberd is to have them. Everything may be repeated; what is asked about a room that is over needs nothing. Errors are `EjabberdError`s. */
export class RoomKeeper {
  constructor(private readonly deps: RoomKeeperDeps) {}

  /** Many at a time. */
  async make(host: string, ids: readonly number[]): Promise<void> {
    for (const some of alike((await this.#all(ids)).filter(({ open }) => open))) {
      const [{ service, maxOccupants }] = some as [RoomWithPassword];
      const specs = some.map(({ name, password, title, may }) => ({ room: name, password, title, may }));
      check('create a room', await this.deps.modFoyer.createRooms(host, service, maxOccupants, specs));
    }
  }

  /** Many at a time. */
  async destroy(host: string, ids: readonly number[]): Promise<void> {
    for (const some of alike(await this.#all(ids))) {
      const names = some.map(({ name }) => name);
      check('remove a room', await this.deps.modFoyer.destroyRooms(host, some[0]?.service ?? '', names));
    }
  }

  /**
   * Lets an account of the host in.
   * @param what `moderate`: it may also put others out; `admit_to_watch`: without a voice
   * @returns what to enter with; undefined: the room is over
   */
  async admit(
    host: string,
    id: number,
    user: string,
    what: Exclude<Admission, 'dismiss'> = 'admit',
  ): Promise<Omit<Seat, 'nick'> | undefined> {
    const room = await this.deps.rooms.get(id);
    if (room?.open !== true) return undefined;
    const { service, name, password } = room;
    const outcomes = await this.deps.modFoyer.admitToRoom(host, service, name, [{ user, what }]);
    check('let an account into a room', outcomes);
    return { room: `${name}@${service}`, password };
  }

  async dismiss(host: string, id: number, user: string): Promise<void> {
    const room = await this.deps.rooms.get(id);
    if (room?.open !== true) return;
    const { service, name } = room;
    const outcomes = await this.deps.modFoyer.admitToRoom(host, service, name, [{ user, what: 'dismiss' }]);
    check('put an account out of a room', outcomes);
  }

  /** Tells all why. @param what `kick`: it may come back; `ban`: not until `unban` */
  async putOut(host: string, id: number, user: string, what: 'kick' | 'ban' | 'unban', reason: string): Promise<void> {
    const room = await this.deps.rooms.get(id);
    if (room?.open !== true) return;
    const outcomes = await this.deps.modFoyer.putOutOfRoom(host, room.service, room.name, [{ user, what, reason }]);
    check(`${what} an account`, outcomes);
  }

  /** Those that there are or were. */
  async #all(ids: readonly number[]): Promise<RoomWithPassword[]> {
    const found = await Promise.all(ids.map((id) => this.deps.rooms.get(id)));
    return found.filter((room) => room !== undefined);
  }
}

const AT_ONCE = 100;

/** In batches that one call can make. */
function alike(rooms: readonly RoomWithPassword[]): RoomWithPassword[][] {
  const batches = new Map<string, RoomWithPassword[]>();
  for (const [i, room] of rooms.entries()) {
    const key = `${room.service} ${room.maxOccupants} ${Math.floor(i / AT_ONCE)}`;
    batches.set(key, [...(batches.get(key) ?? []), room]);
  }
  return [...batches.values()];
}

function check(what: string, outcomes: readonly AccountOutcome[]): void {
  const failed = outcomes.find(({ status }) => status === 'error');
  if (failed) throw new EjabberdError('failed', `mod_foyer couldn't ${what} (${failed.user}): ${failed.reason}`);
}
