import type { Element } from '@xmpp/client';
import type { Account, AccountWithPassword } from '../../domain/accounts/account.js';
import type { Clock } from '../../shared/clock.js';
import { Slots } from '../ejabberd/slots.js';
import { Connection } from './connection.js';
import type { Bounce } from './incoming.js';
import type { Log } from './log.js';
import type { XmppServer } from './server.js';
import { fenced, SessionError, type SessionErrorCode } from './session-error.js';
import type { Seat } from './seats.js';
import { Sleepers } from './sleepers.js';
import { textOf } from './stanzas.js';
import { VisitorSession, type Presence, type SessionHost } from './visitor-session.js';

export interface SessionPoolOptions {
  /** Logins under way at once. Defaults to 16. */
  maxLogins?: number;
  /** Sessions at once; beyond, the longest idle one makes room, or the call is rejected as `busy`. Defaults to 10,000. */
  maxSessions?: number;
  /** Milliseconds until a session without presence is closed that has nothing to send. Defaults to 60,000. */
  idleMs?: number;
}

/** Keeps a process that was paused, while another took its sessions over, from throwing the successor's out: a login ends the session that there was. */
export interface Fence {
  /** Whether the sessions are this process's, as far as it knows. */
  held(): boolean;
  /** Whether they are, by the database's word at this moment. */
  confirm(): Promise<boolean>;
}

export interface SessionPoolDeps {
  server: XmppServer;
  clock: Pick<Clock, 'monotonic'>;
  log: Log;
  /** Told of each login that failed and each session that another login took; for counting. */
  onFailure?: (code: SessionErrorCode) => void;
  /** Answers what an account is asked (IQs); never rejects. Null for what each session answers by itself, which is all where this is absent. */
  onQuestion?: (account: Account, stanza: Element) => Promise<Element> | null;
  /** Whose the sessions are. Defaults to a process that has no others beside it. */
  fence?: Fence;
  /** In [0, 1); spreads reconnects. Defaults to `Math.random`. */
  random?: () => number;
}

/** What the pool tells of what it wasn't asked for. */
export interface SessionEvents {
  /** A message of the account came back. */
  bounced(account: Account, bounce: Bounce): void;
  /** The server refused the account when its session came back by itself: it wants provisioning. It is tried again by itself. */
  refused(account: AccountWithPassword): void;
}

const DEFAULTS = { maxLogins: 16, maxSessions: 10_000, idleMs: 60_000 };
const CLOSE_LIMIT_MS = 5_000;
const ALONE: Fence = { held: () => true, confirm: () => Promise.resolve(true) };

/** The XMPP sessions of this process, one an account at most. Errors are `SessionError`s. */
export class SessionPool implements SessionHost {
  readonly #sessions = new Map<number, VisitorSession>();
  /** Sessions that are ending; a new one of the same account logs in after. */
  readonly #closing = new Map<number, Promise<void>>();
  readonly #sleepers: Sleepers;
  readonly #logins: Slots;
  readonly #options: Required<SessionPoolOptions>;
  readonly #sweep: NodeJS.Timeout;
  readonly #fence: Fence;
  readonly random: () => number;
  #events: SessionEvents | null = null;
  #serverDown = false;
  #shutDown = false;

  constructor(
    private readonly deps: SessionPoolDeps,
    options: SessionPoolOptions = {},
  ) {
    this.#options = { ...DEFAULTS, ...options };
    this.#logins = new Slots(this.#options.maxLogins);
    this.#sleepers = new Sleepers(() => this.#logins.waiting === 0);
    this.#fence = deps.fence ?? ALONE;
    this.random = deps.random ?? Math.random;
    this.#sweep = setInterval(() => this.#closeIdle(), this.#options.idleMs / 4);
    this.#sweep.unref();
  }

  /** Who hears of bounces and refusals; one listener, set before the first session. */
  listen(events: SessionEvents): void {
    this.#events = events;
  }

  /** Opens the account's session if there is none and shows this presence, now and after every reconnect. */
  async ensureOnline(account: AccountWithPassword, presence: Presence): Promise<void> {
    await this.#session(account).setPresence(presence);
  }

  /** Ends the session; operators see the account go. Nothing happens where there is none. */
  async goOffline(accountId: number): Promise<void> {
    const session = this.#sessions.get(accountId);
    if (session) {
      await this.#end(accountId, session);
    } else {
      await this.#closing.get(accountId);
    }
  }

  /**
   * Sends in the order of the calls, and resolves when the server has acknowledged. An account that isn't online gets a
   * session without presence, which is closed when it is idle.
   */
  async send(account: AccountWithPassword, stanza: Element): Promise<void> {
    const repeatable = stanza.name === 'message' && stanza.attrs['id'] !== undefined;
    await this.#session(account).send({ xml: textOf(stanza), repeatable });
  }

  /** Takes part in a room, now and after every reconnect, until it leaves; resolves once it is in. `id` is the room's, for leaving. */
  async join(account: AccountWithPassword, id: number, seat: Seat): Promise<void> {
    await this.#session(account).join(id, seat);
  }

  /** Nothing happens where the account has no session, or isn't in the room. */
  async leave(accountId: number, id: number): Promise<void> {
    await this.#sessions.get(accountId)?.leave(id);
  }

  /** Sessions that there are, logged in or on their way. */
  count(): number {
    return this.#sessions.size;
  }

  /** Of those: logged in, and waiting without a connection for their next try although operators should see them. */
  figures(): { online: number; sleeping: number } {
    const online = [...this.#sessions.values()].filter((session) => session.online).length;
    return { online, sleeping: this.#sleepers.size };
  }

  /** Whether this account's session is logged in, so that what is sent is on its way at once. */
  isOnline(accountId: number): boolean {
    return this.#sessions.get(accountId)?.online === true;
  }

  /** A refused account was provisioned again, or ejabberd wasn't there to be asked about it: its session needn't sit out its back-off. */
  forgive(accountId: number): void {
    this.#sessions.get(accountId)?.forgive();
  }

  /** Ends all sessions within `limitMs`; from now on everything is rejected as `shutdown`. */
  async close(limitMs: number): Promise<void> {
    this.#shutDown = true;
    clearInterval(this.#sweep);
    this.#sleepers.close();
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    const closed = Promise.all([...sessions.map((session) => session.close(limitMs)), ...this.#closing.values()]);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, limitMs)))]);
    clearTimeout(timer);
  }

  async login(session: VisitorSession): Promise<Connection> {
    await this.#closing.get(session.account.id);
    try {
      const connection = await this.#logins.run(() => this.#open(session));
      this.#serverSeen();
      return connection;
    } catch (error) {
      this.#loginFailed(session.account, error);
      throw error;
    }
  }

  refused(account: AccountWithPassword): void {
    this.#events?.refused(account);
  }

  bounced(account: AccountWithPassword, bounce: Bounce): void {
    this.#events?.bounced(withoutPassword(account), bounce);
  }

  asked(account: AccountWithPassword, stanza: Element): Promise<Element> | null {
    return this.deps.onQuestion?.(account, stanza) ?? null;
  }

  takenOver({ local }: AccountWithPassword): void {
    this.deps.onFailure?.('conflict');
    this.deps.log.warn({ account: local }, 'XMPP session was taken over by another login');
  }

  sleeping(session: VisitorSession, asleep: boolean): void {
    if (asleep) {
      this.#sleepers.add(session);
    } else {
      this.#sleepers.delete(session);
    }
  }

  held(): boolean {
    return this.#fence.held();
  }

  monotonic(): number {
    return this.deps.clock.monotonic();
  }

  /** Its turn may come when it is no longer wanted. */
  async #open(session: VisitorSession): Promise<Connection> {
    if (session.ended) {
      throw new SessionError('closed', 'the session was ended');
    }
    if (!(await this.#fence.confirm())) {
      throw fenced();
    }
    return Connection.open(session.account, this.deps.server, session);
  }

  #session(account: AccountWithPassword): VisitorSession {
    if (this.#shutDown) {
      throw new SessionError('shutdown', 'the sessions are being closed');
    }
    if (!this.held()) {
      throw fenced();
    }
    let session = this.#sessions.get(account.id);
    if (session) {
      session.account = account;
      return session;
    }
    if (this.#sessions.size >= this.#options.maxSessions && !this.#closeLongestIdle()) {
      throw new SessionError('busy', `${this.#options.maxSessions} sessions are open, and none is idle`);
    }
    session = new VisitorSession(account, this);
    this.#sessions.set(account.id, session);
    return session;
  }

  #end(accountId: number, session: VisitorSession): Promise<void> {
    this.#sessions.delete(accountId);
    const closed = Promise.all([this.#closing.get(accountId), session.close(CLOSE_LIMIT_MS)]).then(() => {
      if (this.#closing.get(accountId) === closed) {
        this.#closing.delete(accountId);
      }
    });
    this.#closing.set(accountId, closed);
    return closed;
  }

  #closeIdle(): void {
    const now = this.monotonic();
    for (const [accountId, session] of this.#sessions) {
      if (session.idleFor(now) >= this.#options.idleMs) {
        void this.#end(accountId, session);
      }
    }
  }

  #closeLongestIdle(): boolean {
    const now = this.monotonic();
    let longest: [number, VisitorSession] | undefined;
    let longestMs = 0;
    for (const entry of this.#sessions) {
      const idleMs = entry[1].idleFor(now);
      if (idleMs > longestMs) {
        [longest, longestMs] = [entry, idleMs];
      }
    }
    if (longest) {
      void this.#end(...longest);
    }
    return longest !== undefined;
  }

  /** One that got in shows that the server is back: the others needn't sit out their back-off. */
  #serverSeen(): void {
    if (this.#serverDown) {
      this.#serverDown = false;
      this.deps.log.info({ service: this.deps.server.service }, 'XMPP server is back');
    }
    this.#sleepers.wakeAll();
  }

  #loginFailed(account: AccountWithPassword, error: unknown): void {
    const { code, message } = error instanceof SessionError ? error : new SessionError('unreachable', String(error));
    if (code !== 'closed') {
      this.deps.onFailure?.(code);
    }
    if (code === 'unreachable' || code === 'unsupported') {
      if (!this.#serverDown) {
        this.#serverDown = true;
        this.deps.log.warn({ service: this.deps.server.service, reason: message }, 'XMPP server is out of reach');
      }
    } else if (code !== 'closed' && code !== 'fenced') {
      this.deps.log.warn({ account: account.local, reason: message }, 'XMPP login failed');
    }
  }
}

/** What is reported may be logged. */
function withoutPassword({ id, instanceId, kind, local, host, name, rosterGroup, pooled, state }: Account): Account {
  return { id, instanceId, kind, local, host, name, rosterGroup, pooled, state };
}
