import type { RoomOnServer } from '../../domain/rooms/reads.js';
import type { AdminClient } from './admin-client.js';
import { EjabberdError } from './admin-errors.js';
import { asNumber, asRecords, asText, expectOk } from './answers.js';

/** What mod_foyer makes one account from. */
export interface AccountSpec {
  user: string;
  password: string;
  name: string;
  group: string;
}

/** The spool of events that wait for the bridge, on the node that answers. */
export interface SpoolInfo {
  state: string;
  depth: number;
  bytes: number;
  /** 0 when nothing waits. */
  oldestAgeSeconds: number;
  lastError: string;
  /** RFC 3339, or empty. */
  lastErrorAt: string;
  /** Events since the module was started: taken from operators, refused to them, taken by the bridge, rejected by it. */
  accepted: number;
  refused: number;
  delivered: number;
  rejected: number;
  /** Why nothing can be written just now; empty when the last write went well. */
  writeError: string;
}

export interface ModFoyerInfo {
  version: string;
  node: string;
  /** RFC 3339: webhooks are refused when the two clocks are more than 300 s apart. */
  systemTime: string;
  /** Without secrets. */
  options: Record<string, string>;
}

export interface TestEventResult {
  /** The bridge took it. */
  ok: boolean;
  /** 0 where there was no answer. */
  httpStatus: number;
  /** The beginning of the answer's body. */
  answer: string;
  reason: string;
  milliseconds: number;
}

/** What became of one account of a batch; `status` is `error` with a reason, or says what was done. */
export interface AccountOutcome {
  user: string;
  status: string;
  reason: string;
}

/** A room to be made: its name without the conference service, and what opens it. */
export interface RoomSpec {
  room: string;
  password: string;
  title: string;
  /** What each member may do: `invite`, `topic`, with a space between. */
  may: string;
}

/** `moderate`: may also put others out; `admit_to_watch`: without a voice; `dismiss`: not let in any more, and put out. */
export type Admission = 'admit' | 'moderate' | 'admit_to_watch' | 'dismiss';

/** The commands that mod_foyer adds to ejabberd. `unknown_command` where it isn't loaded, `not_found` where not on this host. */
export class ModFoyerClient {
  constructor(private readonly admin: Pick<AdminClient, 'call'>) {}

  /** Visitor and chat accounts only, at most 200 at a time: made, or set right where they exist. */
  async provision(host: string, accounts: readonly AccountSpec[]): Promise<AccountOutcome[]> {
    return outcomes(await this.admin.call('foyer_provision', { host, accounts }));
  }

  /** Sessions, roster entry, vCard, archive, offline messages and account gone. */
  async unprovision(host: string, users: readonly string[]): Promise<AccountOutcome[]> {
    return outcomes(await this.admin.call('foyer_unprovision', { host, users }));
  }

  async setNames(host: string, names: readonly { user: string; name: string }[]): Promise<AccountOutcome[]> {
    return outcomes(await this.admin.call('foyer_set_names', { host, names }));
  }

  /** Rooms for members only, at most 200 at a time; one that is there is set right. By name of the room. */
  async createRooms(
    host: string,
    service: string,
    maxUsers: number,
    rooms: readonly RoomSpec[],
  ): Promise<AccountOutcome[]> {
    return outcomes(await this.admin.call('foyer_create_rooms', { host, service, max_users: maxUsers, rooms }));
  }

  /** At most 200 at a time; one that isn't there is no error. */
  async destroyRooms(host: string, service: string, rooms: readonly string[]): Promise<AccountOutcome[]> {
    return outcomes(await this.admin.call('foyer_destroy_rooms', { host, service, rooms }));
  }

  /** Removes the rooms that people of an instance made for themselves, by their names. */
  async destroyRoomsOf(host: string, instance: string): Promise<void> {
    await this.admin.call('foyer_destroy_rooms_of', { host, instance });
  }

  /** Lets accounts of the host into a room, also to moderate it, or puts them out. */
  async admitToRoom(
    host: string,
    service: string,
    room: string,
    users: readonly { user: string; what: Admission }[],
  ): Promise<AccountOutcome[]> {
    return outcomes(await this.admin.call('foyer_admit_to_room', { host, service, room, users }));
  }

  /** Puts accounts of the host out of a room, and tells all why. */
  async putOutOfRoom(
    host: string,
    service: string,
    room: string,
    users: readonly { user: string; what: 'kick' | 'ban' | 'unban'; reason: string }[],
  ): Promise<AccountOutcome[]> {
    return outcomes(await this.admin.call('foyer_put_out_of_room', { host, service, room, users }));
  }

  /** All of Foyer's rooms that there are. */
  async rooms(host: string): Promise<RoomOnServer[]> {
    return asRecords(await this.admin.call('foyer_rooms', { host }), 'rooms').map((one) => ({
      jid: asText(one['room']),
      at: asText(one['at']),
      occupants: asRecords(one['occupants'], 'occupants').map(({ jid, nick, role }) => ({
        ...{ jid: asText(jid), nick: asText(nick), role: asText(role) },
      })),
    }));
  }

  async spoolInfo(host: string): Promise<SpoolInfo> {
    const info = record('foyer_spool_info', await this.admin.call('foyer_spool_info', { host }));
    return {
      state: asText(info['state']),
      depth: asNumber(info['depth']),
      bytes: asNumber(info['bytes']),
      oldestAgeSeconds: asNumber(info['oldest_age_seconds']),
      lastError: asText(info['last_error']),
      lastErrorAt: asText(info['last_error_at']),
      accepted: asNumber(info['accepted_total']),
      refused: asNumber(info['refused_total']),
      delivered: asNumber(info['delivered_total']),
      rejected: asNumber(info['rejected_total']),
      writeError: asText(info['write_error']),
    };
  }

  /** Sends what is in the spool now instead of after the back-off. */
  async spoolResend(host: string): Promise<void> {
    expectOk('foyer_spool_resend', await this.admin.call('foyer_spool_resend', { host }));
  }

  async info(host: string): Promise<ModFoyerInfo> {
    const info = record('foyer_info', await this.admin.call('foyer_info', { host }));
    const options = record('foyer_info', info['options'] ?? {});
    return {
      version: asText(info['version']),
      node: asText(info['node']),
      systemTime: asText(info['system_time']),
      options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, asText(value)])),
    };
  }

  /** Has mod_foyer send a signed `ping` to the bridge now. An answer that isn't the bridge's is no error here. */
  async testEvent(host: string): Promise<TestEventResult> {
    const result = record('foyer_test_event', await this.admin.call('foyer_test_event', { host }));
    return {
      ok: result['status'] === 'ok',
      httpStatus: asNumber(result['http_status']),
      answer: asText(result['answer']),
      reason: asText(result['reason']),
      milliseconds: asNumber(result['milliseconds']),
    };
  }
}

function outcomes(answer: unknown): AccountOutcome[] {
  return asRecords(answer, 'accounts').map((item) => ({
    user: asText(item['user']),
    status: asText(item['status']),
    reason: asText(item['reason']),
  }));
}

/** A tuple is an object; a list of name and value is an object too, or (in API versions to come) a list of objects of two. */
function record(command: string, answer: unknown): Record<string, unknown> {
  if (Array.isArray(answer)) {
    return Object.fromEntries(asRecords(answer, '').map((item) => [asText(item['name']), item['value']]));
  }
  if (typeof answer === 'object' && answer !== null) {
    return answer as Record<string, unknown>;
  }
  throw new EjabberdError('failed', `${command} answered something else than an object`);
}
