import type { Client, Element } from '@xmpp/client';
import type { AccountWithPassword } from '../../domain/accounts/account.js';
import { AckQueue, COUNTER_SIZE } from './ack-queue.js';
import { answerTo, readBounce, type Bounce } from './incoming.js';
import { abandonClient, makeClient, shedLogin, startClient } from './library-client.js';
import { guideNegotiation } from './negotiation.js';
import { DEFAULT_OPEN_TIMEOUT_MS, type XmppServer } from './server.js';
import { readSeatNews, type SeatNews } from './seats.js';
import { fenced, SessionError, toSessionError } from './session-error.js';

/** Who a connection belongs to, and hears from it. */
export interface ConnectionOwner {
  /** Called once, after every unacknowledged stanza has been rejected. Not called for a login that failed. */
  connectionClosed(error: SessionError): void;
  /** Asked before each step of a login: a pause between two of them may have changed it. */
  mayGoOn(): boolean;
  bounced(bounce: Bounce): void;
  /** The answer to come, which never rejects; null for what the session answers by itself. */
  asked(stanza: Element): Promise<Element> | null;
  seated(news: SeatNews): void;
}

const NS_SM = 'urn:xmpp:sm:3';
const REQUEST_ACK = `<r xmlns='${NS_SM}'/>`;
/** A login opens two or three streams, each with a limit of its own; this is for what lies between. */
const LOGIN_TIMEOUT_FACTOR = 3;
/** A server that is alive acknowledges something within milliseconds. */
const ACK_TIMEOUT_MS = 30_000;
/** Under load a request for acknowledgement goes with so many stanzas; with few, it goes at once unless one is under way. */
const STANZAS_PER_REQUEST = 50;
const ignore = () => undefined;

/**
 * One connection of one account, from login to end. The library connects, secures, authenticates, binds and parses; from
 * there on the stanzas and their acknowledgement (XEP-0198) are in here. No stream is ever resumed: what wasn't
 * acknowledged is sent again under the same id by whoever sent it.
 */
export class Connection {
  readonly #unacknowledged = new AckQueue();
  #toWrite = '';
  #flushing = false;
  /** Requests for acknowledgement under way, and stanzas written since the last. */
  #requested = 0;
  #sinceRequest = 0;
  #ackTimer: NodeJS.Timeout | undefined;
  /** Stanzas received since `<enabled/>`. The library's own count is late by a turn when several come in one packet. */
  #handled = 0;
  #ended: SessionError | null = null;
  #reason: unknown = null;

  private constructor(
    private readonly client: Client,
    private readonly owner: ConnectionOwner,
  ) {}

  /** Logs in. Rejects with a `SessionError`; nothing is left open then. */
  static open(account: AccountWithPassword, server: XmppServer, owner: ConnectionOwner): Promise<Connection> {
    const client = makeClient(account, server);
    const limitMs = LOGIN_TIMEOUT_FACTOR * (server.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS);
    return new Promise((resolve, reject) => {
      const connection = new Connection(client, owner);
      const fail = (cause: unknown) => {
        clearTimeout(timer);
        connection.#abandon();
        reject(toSessionError(cause));
      };
      const timer = setTimeout(() => fail(new SessionError('unreachable', 'the login took too long')), limitMs);
      client.on('error', fail);
      client.on('disconnect', () =>
        fail(new SessionError('unreachable', 'the server closed the connection during the login')),
      );
      const done = () => {
        clearTimeout(timer);
        resolve(connection);
      };
      client.on('online', () => connection.#takeOver(fail, done));
      guideNegotiation(client, server, account.host, fail);
      client.prependListener('element', (element: Element) => {
        if (!owner.mayGoOn()) {
          element.children = [];
          fail(fenced());
        }
      });
      startClient(client, server.service, account.host).catch(fail);
    });
  }

  /** Stanzas sent and not acknowledged yet. */
  get inFlight(): number {
    return this.#unacknowledged.length;
  }

  /**
   * Sends a stanza in the order of the calls. Resolves when the server has acknowledged it (ejabberd: when it has been
   * routed), rejects with a `SessionError` when the connection ends before.
   */
  send(stanza: string): Promise<void> {
    if (this.#ended) {
      return Promise.reject(this.#ended);
    }
    const acknowledged = this.#unacknowledged.wait();
    this.#writeStanza(stanza);
    return acknowledged;
  }

  /** Waits for what is in flight, closes the stream and the connection. Takes `limitMs` at most; never rejects. */
  async close(limitMs: number): Promise<void> {
    if (this.#ended) {
      return;
    }
    const timer = setTimeout(() => this.#end(new SessionError('closed', 'the session was ended')), limitMs);
    await this.#unacknowledged.empty();
    if (!this.#ended) {
      const closed = new Promise<void>((resolve) => this.client.once('disconnect', () => resolve()));
      this.#write('</stream:stream>');
      await closed;
    }
    clearTimeout(timer);
  }

  /** After the bind: the library's part is over except for `<enable/>`, which is on its way. */
  #takeOver(fail: (cause: unknown) => void, done: () => void): void {
    const { client } = this;
    shedLogin(client);
    client.on('error', fail);
    client.on('disconnect', () => fail(new SessionError('unreachable', 'the connection ended at the login')));
    // Whoever asks in between gets an answer too; these don't count as handled.
    const early: Element[] = [];
    client.on('element', (element: Element) => {
      if (element.is('enabled', NS_SM)) {
        this.#settle();
        early.forEach((stanza) => this.#hear(stanza));
        done();
      } else if (element.name === 'iq') {
        early.push(element);
      } else if (element.is('failed', NS_SM)) {
        fail(new SessionError('unsupported', 'the server refused stream management (XEP-0198)'));
      }
    });
  }

  #settle(): void {
    const { client } = this;
    client.removeAllListeners('element').removeAllListeners('error').removeAllListeners('disconnect');
    client.on('element', this.#read.bind(this));
    client.on('error', (error: unknown) => void (this.#reason ??= error));
    client.on('close', () => client.socket?.end());
    client.on('disconnect', () => this.#end(new SessionError('closed', 'the connection ended')));
  }

  #read(element: Element): void {
    if (element.name === 'a') {
      this.#acknowledged(Number(element.attrs['h']));
      return;
    }
    if (element.name === 'r') {
      this.#write(`<a xmlns='${NS_SM}' h='${this.#handled}'/>`);
      return;
    }
    if (element.name !== 'message' && element.name !== 'presence' && element.name !== 'iq') {
      return;
    }
    this.#handled = (this.#handled + 1) % COUNTER_SIZE;
    this.#hear(element);
  }

  #hear(element: Element): void {
    const asked = this.owner.asked(element);
    if (asked) {
      void asked.then((answer) => this.#answer(answer));
      return;
    }
    const answer = answerTo(element);
    if (answer) {
      this.#answer(answer);
    }
    const bounce = readBounce(element);
    if (bounce) {
      this.owner.bounced(bounce);
    }
    const news = readSeatNews(element);
    if (news) {
      this.owner.seated(news);
    }
  }

  #answer(answer: Element): void {
    if (!this.#ended) {
      this.#unacknowledged.count();
      this.#writeStanza(answer.toString());
    }
  }

  #acknowledged(handled: number): void {
    this.#requested -= 1;
    this.#unacknowledged.acknowledge(handled);
    if (this.#requested === 0) {
      clearTimeout(this.#ackTimer);
      this.#ackTimer = undefined;
      this.#flushSoon();
    } else {
      this.#ackTimer?.refresh();
    }
  }

  #writeStanza(text: string): void {
    this.#write(text);
    this.#sinceRequest += 1;
    if (this.#sinceRequest >= STANZAS_PER_REQUEST) {
      this.#requestAck();
    }
  }

  #requestAck(): void {
    this.#toWrite += REQUEST_ACK;
    this.#sinceRequest = 0;
    this.#requested += 1;
    this.#ackTimer ??= setTimeout(
      () => this.#end(new SessionError('closed', 'the server acknowledges nothing')),
      ACK_TIMEOUT_MS,
    );
  }

  #write(text: string): void {
    this.#toWrite += text;
    this.#flushSoon();
  }

  /** Joins what is written in one turn into one packet, with one request for acknowledgement unless one is under way. */
  #flushSoon(): void {
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(() => this.#flush());
    }
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#ended) {
      return;
    }
    if (this.#requested === 0 && this.#unacknowledged.length > 0) {
      this.#requestAck();
    }
    const text = this.#toWrite;
    this.#toWrite = '';
    if (text !== '') {
      this.client.write(text).catch(ignore);
    }
  }

  #end(error: SessionError): void {
    if (this.#ended) {
      return;
    }
    const reason = this.#reason === null ? null : toSessionError(this.#reason);
    this.#ended = reason?.code === 'conflict' ? reason : error;
    this.#abandon();
    this.#unacknowledged.fail(this.#ended);
    this.owner.connectionClosed(this.#ended);
  }

  #abandon(): void {
    clearTimeout(this.#ackTimer);
    abandonClient(this.client);
  }
}
