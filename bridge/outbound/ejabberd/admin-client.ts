import { EjabberdError } from './admin-errors.js';
import { asNumber, asRecords, asText, asTexts, expectOk, unwrap } from './answers.js';
import { RestCaller, type EjabberdApiOptions } from './rest-caller.js';
import { displayArgument, isAtLeast, parseServerVersion, type ServerVersion } from './server-version.js';

export interface RosterGroup {
  label: string;
  /** The groups whose members this group's members see. */
  displays: string[];
}

export interface SessionInfo {
  resource: string;
  ip: string;
  priority: number;
  status: string;
  statusText: string;
  uptimeSeconds: number;
}

export interface Presence {
  /** Full JID of the resource with the highest priority, or the bare JID where there is none. */
  jid: string;
  /** `available`, `chat`, `away`, `xa`, `dnd` or `unavailable`. */
  show: string;
  status: string;
}

/**
 * ejabberd's admin commands over its REST API, one method each. All of them may be repeated without harm. Errors are
 * `EjabberdError`s; a thing that exists already, or is gone already, is no error.
 */
export class AdminClient {
  readonly #rest: RestCaller;
  #version: Promise<ServerVersion | null> | undefined;

  constructor(options: EjabberdApiOptions) {
    this.#rest = new RestCaller(options);
  }

  /** Any command by name, for those that have no method of their own. */
  async call(command: string, args: Record<string, unknown>): Promise<unknown> {
    try {
      return await this.#rest.call(command, args);
    } catch (error) {
      if (error instanceof EjabberdError && error.code === 'unreachable') {
        this.#version = undefined;
      }
      throw error;
    }
  }

  close(): void {
    this.#rest.close();
  }

  /** What the node says of itself, in English. */
  async status(): Promise<string> {
    return asText(unwrap(await this.call('status', {}), 'status'));
  }

  /** Asked once, and again after ejabberd was out of reach (it may be another one then). Null: it doesn't tell. */
  async version(): Promise<ServerVersion | null> {
    const asked = (this.#version ??= this.status().then(parseServerVersion));
    try {
      return await asked;
    } catch (error) {
      this.#version = undefined;
      throw error;
    }
  }

  async register(user: string, host: string, password: string): Promise<'created' | 'exists'> {
    try {
      await this.call('register', { user, host, password });
      return 'created';
    } catch (error) {
      if (error instanceof EjabberdError && error.code === 'conflict') {
        return 'exists';
      }
      throw error;
    }
  }

  /** Ends the account's sessions too, and removes its vCard, archive and offline messages. */
  async unregister(user: string, host: string): Promise<void> {
    await this.call('unregister', { user, host });
  }

  /** What this account's archive (XEP-0313) has of one other, both ways. */
  async removeFromArchive(user: string, server: string, other: string): Promise<void> {
    await this.call('remove_mam_for_user_with_peer', { user, server, with: other });
  }

  async checkAccount(user: string, host: string): Promise<boolean> {
    return unwrap(await this.call('check_account', { user, host }), 'res') === 0;
  }

  /** Throws `not_found` where there is no such account. */
  async changePassword(user: string, host: string, password: string): Promise<void> {
    expectOk('change_password', await this.call('change_password', { user, host, newpass: password }));
  }

  /** FN is what operators' rosters show, at their next login; NICKNAME is what the others look for. */
  async setVcardName(user: string, host: string, name: string): Promise<void> {
    for (const field of ['FN', 'NICKNAME']) {
      expectOk('set_vcard', await this.call('set_vcard', { user, host, name: field, content: name }));
    }
  }

  /**
   * Makes the group, or changes the label and displays of the one there is; its members stay. Throws `failed` where the
   * group that ejabberd then has isn't the one that was asked for.
   */
  async createSharedRosterGroup(
    host: string,
    group: string,
    label: string,
    displays: readonly string[],
  ): Promise<void> {
    const version = await this.version();
    const asList = version === null || isAtLeast(version, 24, 2);
    for (const shape of [asList, !asList]) {
      const display = displayArgument(displays, shape);
      const created = await this.call('srg_create', { group, host, label, description: '', display });
      expectOk('srg_create', created);
      const stored = await this.getSharedRosterInfo(host, group);
      if (stored && sameMembers(stored.displays, displays)) {
        return;
      }
    }
    throw new EjabberdError('failed', `ejabberd didn't take what roster group ${group} displays`);
  }

  /** Its members stay what they are, but see nobody by it. */
  async deleteSharedRosterGroup(host: string, group: string): Promise<void> {
    expectOk('srg_delete', await this.call('srg_delete', { group, host }));
  }

  /** Null where there is no such group. */
  async getSharedRosterInfo(host: string, group: string): Promise<RosterGroup | null> {
    const answer = await this.call('srg_get_info', { group, host });
    const values = new Map(
      asRecords(answer, 'informations').map((item) => [asText(item['key']), asText(item['value'])]),
    );
    if (values.size === 0) {
      return null;
    }
    return {
      label: values.get('label') ?? values.get('name') ?? '',
      displays: displayedGroups(values.get('displayed_groups') ?? ''),
    };
  }

  /** Bare JIDs. */
  async listSharedRosterMembers(host: string, group: string): Promise<string[]> {
    return asTexts(await this.call('srg_get_members', { group, host }), 'members');
  }

  /** The group needs to exist, or the entry shows nobody to anybody. */
  async addToSharedRoster(user: string, host: string, group: string): Promise<void> {
    expectOk('srg_user_add', await this.call('srg_user_add', { user, host, group, grouphost: host }));
  }

  async removeFromSharedRoster(user: string, host: string, group: string): Promise<void> {
    expectOk('srg_user_del', await this.call('srg_user_del', { user, host, group, grouphost: host }));
  }

  async kickSession(user: string, host: string, resource: string, reason: string): Promise<void> {
    expectOk('kick_session', await this.call('kick_session', { user, host, resource, reason }));
  }

  /**
   * A token that logs this account in to XMPP (SASL `X-OAUTH2`) in place of its password.
   * @param seconds it holds for so long, for a login: a session goes on
   */
  async issueLoginToken(jid: string, seconds: number): Promise<string> {
    const answer = await this.call('oauth_issue_token', { jid, ttl: seconds, scopes: 'sasl_auth' });
    const token = asText((answer as Record<string, unknown> | null)?.['token']);
    if (token === '') throw new EjabberdError('failed', 'ejabberd issued no token: does oauth_access allow it?');
    return token;
  }

  /** Ends all sessions of the account; how many there were. */
  async kickUser(user: string, host: string): Promise<number> {
    return countIn(unwrap(await this.call('kick_user', { user, host }), 'num_resources'));
  }

  async presence(user: string, host: string): Promise<Presence> {
    const answer = (await this.call('get_presence', { user, host })) as Record<string, unknown>;
    return { jid: asText(answer['jid']), show: asText(answer['show']), status: asText(answer['status']) };
  }

  async sessions(user: string, host: string): Promise<SessionInfo[]> {
    const answer = await this.call('user_sessions_info', { user, host });
    return asRecords(answer, 'sessions_info').map((session) => ({
      resource: asText(session['resource']),
      ip: asText(session['ip']),
      priority: asNumber(session['priority']),
      status: asText(session['status']),
      statusText: asText(session['statustext']),
      uptimeSeconds: asNumber(session['uptime']),
    }));
  }
}

/** One a line; since 24.06 each line but the last is followed by one that holds a comma: "visitors\n, \noperators". */
function displayedGroups(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && line !== ',');
}

/** A number up to 24.02; since 24.06 a sentence such as "Kicked sessions: 2". */
function countIn(answer: unknown): number {
  return typeof answer === 'string' ? asNumber(/\d+/.exec(answer)?.[0]) : asNumber(answer);
}

function sameMembers(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}
