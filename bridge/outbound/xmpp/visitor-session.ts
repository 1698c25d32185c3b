import type { Element } from '@xmpp/client';
import type { AccountWithPassword } from '../../domain/accounts/account.js';
import { reconnectDelay } from './backoff.js';
import type { Connection, ConnectionOwner } from './connection.js';
import type { Bounce } from './incoming.js';
import { RecentlyAcknowledged } from './recently-acknowledged.js';
import { Seats, unwaited, type Seat, type SeatNews } from './seats.js';
import { SessionError, toSessionError } from './session-error.js';
import { presenceStanza } from './stanzas.js';

/** What operators see of an account that is online. */
export interface Presence {
  nick: string;
  status: string;
}

/** What a session needs of the pool that it is in. */
export interface SessionHost {
  /** Logs the session's account in when it is its turn. */
  login(session: VisitorSession): Promise<Connection>;
  /** The login was refused at a time when nobody asked for it: the account wants provisioning. It is tried again by itself. */
  refused(account: AccountWithPassword): void;
  bounced(account: AccountWithPassword, bounce: Bounce): void;
  /** The answer to come, which never rejects; null for what each session answers by itself. */
  asked(account: AccountWithPassword, stanza: Element): Promise<Element> | null;
  /** Another login of the account ended the connection. */
  takenOver(account: AccountWithPassword): void;
  /** A session that wants presence has no connection now (and tries again by itself), or has one again. */
  sleeping(session: VisitorSession, asleep: boolean): void;
  /** Whether the session is this process's to have. */
  held(): boolean;
  /** In [0, 1). */
  random(): number;
  /** Milliseconds that never run backwards. */
  monotonic(): number;
}

export interface Stanza {
  xml: string;
  /** Has an id by which mod_foyer drops a repeat. */
  repeatable: boolean;
}

interface Waiting {
  /** Null: the presence, whatever it is when the session is there. */
  stanza: Stanza | null;
  resolve(): void;
  reject(error: Error): void;
}

/** After a failed login, one that is asked for (or promising) needn't wait longer than this. */
const IMPATIENT_MS = 500;
/** A connection that ends sooner counts as a failed one: two processes that take the session from each other slow down. */
const STEADY_MS = 30_000;
/** After so many short connections, or so many refusals, in a row the server's being there is no reason to be quick: it doesn't want this session. */
const QUICK_TRIES = 3;

/**
 * One account's session: a connection while there is one, and what leads to the next. With presence it stays up and comes
 * back by itself; without, it is opened by `send` and stays down once it is lost. Stanzas leave in the order of the calls;
 * when the connection ends, or can't be made, everything that waits is rejected at once.
 */
export class VisitorSession implements ConnectionOwner {
  #connection: Connection | null = null;
  #opening: Promise<void> | null = null;
  #ended = false;
  #presence: Presence | null = null;
  #waiting: Waiting[] = [];
  #failures = 0;
  #lastFailure = 0;
  #openedAt = 0;
  #shortConnections = 0;
  #refusals = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  /** The last failure was the account's, not the server's: other accounts' luck says nothing. */
  #accountAtFault = false;
  #lastUsed: number;
  readonly #recent = new RecentlyAcknowledged();
  readonly #seats = new Seats();

  constructor(
    /** The newest that is known: its password counts at the next login. */
    public account: AccountWithPassword,
    private readonly host: SessionHost,
  ) {
    this.#lastUsed = host.monotonic();
  }

  get online(): boolean {
    return this.#connection !== null;
  }

  /** It was ended, and no longer wants to log in. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Milliseconds since anything was asked of it; 0 while it has work or presence. */
  idleFor(now: number): number {
    this.#recent.forgetOld(now);
    const busy =
      this.#presence !== null ||
      this.#seats.size > 0 ||
      this.#opening !== null ||
      this.#waiting.length > 0 ||
      (this.#connection?.inFlight ?? 0) > 0;
    return busy ? 0 : now - this.#lastUsed;
  }

  /** Wants the session from now on, with this presence. Resolves when the server has it. */
  setPresence(presence: Presence): Promise<void> {
    if (this.#ended) {
      return Promise.reject(sessionOver());
    }
    this.#presence = presence;
    if (this.#connection) {
      return this.#connection.send(presenceStanza(presence.nick, presence.status).toString());
    }
    return this.#wait(null);
  }

  /** Resolves when the server has acknowledged the stanza. */
  send(stanza: Stanza): Promise<void> {
    if (this.#ended) {
      return Promise.reject(sessionOver());
    }
    this.#lastUsed = this.host.monotonic();
    return this.#connection ? this.#sendOver(this.#connection, stanza) : this.#wait(stanza);
  }

  /** Wants the session from now on, with a seat in this room. Resolves when the room has let it in. */
  async join(id: number, seat: Seat): Promise<void> {
    if (this.#ended) throw sessionOver();
    this.#seats.keep(id, seat);
    if (!this.#connection) await this.#wait(null);
    const connection = this.#connection;
    if (!connection) throw sessionOver();
    await this.#seats.enter(id, unwaited(connection));
  }

  async leave(id: number): Promise<void> {
    const farewell = this.#seats.leave(id);
    if (farewell !== undefined) await this.#connection?.send(farewell);
  }

  seated(news: SeatNews): void {
    if (this.#connection) this.#seats.heard(news, unwaited(this.#connection));
  }

  /** Ends the session for good; what is in flight gets `limitMs`. A login under way is waited for, then undone. */
  async close(limitMs: number): Promise<void> {
    this.#ended = true;
    this.#presence = null;
    clearTimeout(this.#retryTimer);
    this.host.sleeping(this, false);
    this.#rejectWaiting(sessionOver());
    await this.#opening;
    await this.#connection?.close(limitMs);
  }

  /** The server was seen alive, or may be: tries now instead of after the back-off. False where that wouldn't be wise, or is under way. */
  wake(): boolean {
    const ownFault = this.#accountAtFault || this.#shortConnections >= QUICK_TRIES;
    const wise = !ownFault && !this.#opening && this.host.monotonic() - this.#lastFailure >= IMPATIENT_MS;
    if (wise) {
      this.#open();
    }
    return wise;
  }

  /** What the account was refused for is mended, or may not have been its fault: it is woken with the others again. */
  forgive(): void {
    if (this.#refusals < QUICK_TRIES) {
      this.#accountAtFault = false;
    }
  }

  connectionClosed(error: SessionError): void {
    this.#connection = null;
    if (error.code === 'conflict') {
      this.host.takenOver(this.account);
    }
    const now = this.host.monotonic();
    this.#recent.connectionLost(now);
    if (now - this.#openedAt >= STEADY_MS) {
      this.#failures = 0;
      this.#shortConnections = 0;
    } else {
      this.#shortConnections += 1;
    }
    this.#failed(error);
  }

  mayGoOn(): boolean {
    return this.host.held();
  }

  bounced(bounce: Bounce): void {
    this.host.bounced(this.account, bounce);
  }

  asked(stanza: Element): Promise<Element> | null {
    return this.host.asked(this.account, stanza);
  }

  #sendOver(connection: Connection, stanza: Stanza): Promise<void> {
    const sent = connection.send(stanza.xml);
    return stanza.repeatable ? sent.then(() => this.#recent.add(stanza.xml, this.host.monotonic())) : sent;
  }

  #wait(stanza: Stanza | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ stanza, resolve, reject });
      this.#openSoon();
    });
  }

  #openSoon(): void {
    if (this.#opening) {
      return;
    }
    const sinceFailure = this.host.monotonic() - this.#lastFailure;
    if (this.#failures === 0 || sinceFailure >= IMPATIENT_MS) {
      this.#open();
    } else {
      this.#openAfter(IMPATIENT_MS - sinceFailure);
    }
  }

  #openAfter(delayMs: number): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#open(), delayMs);
  }

  #open(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    if (!this.#opening && !this.#ended && !this.#connection) {
      this.#opening = this.host.login(this).then(
        (connection) => this.#opened(connection),
        (error: unknown) => {
          this.#opening = null;
          this.#failed(toSessionError(error));
        },
      );
    }
  }

  #opened(connection: Connection): void {
    this.#opening = null;
    this.#connection = connection;
    if (this.#ended) {
      return;
    }
    this.#openedAt = this.host.monotonic();
    this.#accountAtFault = false;
    this.#refusals = 0;
    this.host.sleeping(this, false);
    let presenceSent: Promise<void> = Promise.resolve();
    if (this.#presence) {
      presenceSent = connection.send(presenceStanza(this.#presence.nick, this.#presence.status).toString());
      presenceSent.catch(() => undefined);
    }
    this.#seats.enterAll(unwaited(connection));
    for (const xml of this.#recent.takeUnsure()) {
      this.#sendOver(connection, { xml, repeatable: true }).catch(() => this.#recent.addUnsure(xml));
    }
    for (const { stanza, resolve, reject } of this.#waiting.splice(0)) {
      (stanza === null ? presenceSent : this.#sendOver(connection, stanza)).then(resolve, reject);
    }
  }

  /** The login failed or the connection ended. */
  #failed(error: SessionError): void {
    this.#failures += 1;
    this.#lastFailure = this.host.monotonic();
    const asked = this.#waiting.length > 0;
    this.#rejectWaiting(error);
    const wanted = this.#presence !== null || this.#seats.size > 0;
    if (this.#ended || (!wanted && !this.#recent.hasUnsure(this.#lastFailure))) {
      return;
    }
    this.#accountAtFault = error.code === 'not-authorized' || error.code === 'conflict';
    this.host.sleeping(this, true);
    if (error.code === 'not-authorized' && !asked) {
      this.#refusals += 1;
      this.host.refused(this.account);
    }
    this.#openAfter(reconnectDelay(this.#failures, this.host.random()));
  }

  #rejectWaiting(error: SessionError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function sessionOver(): SessionError {
  return new SessionError('closed', 'the session was ended');
}
