import { xml, type Element } from '@xmpp/client';
import { connect, type Connection } from '../../../bridge/cli/operator-console/connection.js';

const NS = {
  receipts: 'urn:xmpp:receipts',
  markers: 'urn:xmpp:chat-markers:0',
  mam: 'urn:xmpp:mam:2',
  rsm: 'http://jabber.org/protocol/rsm',
  forward: 'urn:xmpp:forward:0',
  delay: 'urn:xmpp:delay',
} as const;
const RETRY_MS = 300;
const ARCHIVE_MS = 10_000;
/** What was said so long before the connection ended is looked up in the archive again. */
const OVERLAP_MS = 60_000;

/** The end of a query that nobody will answer any more. */
const NOTHING = xml('iq', {});

export interface OperatorLogin {
  host: string;
  /** As the client reaches it. */
  port: number;
  user: string;
  password: string;
}

interface Said {
  to: string;
  text: string;
}

/** A message of a visitor as the client shows it. */
export interface Shown {
  contact: string;
  id: string;
  text: string;
  /** Which connection brought it, and whether from storage (XEP-0203) or the archive (XEP-0313): each of these is in order by itself. */
  stream: string;
  /**
   * When it was sent, where it comes from storage: clients show it by that. What waited in a stream that died is stored later than what came when the
   * stream was known to be dead.
   */
  stamp: string;
}

/**
 * An operator at a desktop client: comes back when the connection is lost, sends again under the same id what the bridge hasn't confirmed (XEP-0184), and
 * looks into its archive (XEP-0313) for what it has missed. Knows a message by its id.
 */
export class Operator {
  readonly shown: Shown[] = [];
  /** Messages that came again under an id that was shown. */
  repeated = 0;
  /** Ids that the server or Foyer refused, with the condition. They are sent again until they are taken. */
  readonly refused = new Map<string, string>();
  private readonly unconfirmed = new Map<string, Said>();
  private readonly ids = new Set<string>();
  private readonly queries = new Map<string, { element: (result: Element) => void; done: (end: Element) => void }>();
  private connection: Connection | null = null;
  private connections = 0;
  private lastSeenAt = Date.now();
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly login: OperatorLogin) {}

  get online(): boolean {
    return this.connection !== null;
  }

  /** Texts that nobody has confirmed yet. */
  get unsent(): number {
    return this.unconfirmed.size;
  }

  start(): void {
    this.running = this.stay();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.connection?.close();
    await this.running;
  }

  say(to: string, text: string): void {
    const id = crypto.randomUUID();
    this.unconfirmed.set(id, { to, text });
    if (this.connection) this.send(this.connection, id, { to, text });
  }

  /** Looks into the archive once more. */
  async catchUp(): Promise<void> {
    if (this.connection) await this.readArchive(this.connection);
  }

  private async stay(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.connectOnce();
      } catch {
        // The server is away, or the way to it: the next try tells.
      }
      this.connection = null;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** From the login to the end of the connection. */
  private async connectOnce(): Promise<void> {
    const { host, port, user, password } = this.login;
    this.connections += 1;
    const stream = `${this.connections}`;
    const service = `xmpp://127.0.0.1:${port}`;
    const connection = await connect(
      { jid: `${user}@${host}`, password, service },
      (stanza) => this.hear(stanza, stream),
      xml('iq', { type: 'get', id: 'roster' }, xml('query', { xmlns: 'jabber:iq:roster' })),
    );
    for (const [id, said] of this.unconfirmed) this.send(connection, id, said);
    this.connection = connection;
    await Promise.race([this.readArchive(connection), connection.ended]);
    await connection.ended;
    this.lastSeenAt = Date.now();
    for (const { done } of this.queries.values()) done(NOTHING);
    this.queries.clear();
  }

  private send(connection: Connection, id: string, { to, text }: Said): void {
    const extras = [xml('request', { xmlns: NS.receipts }), xml('markable', { xmlns: NS.markers })];
    void connection
      .send(xml('message', { to, type: 'chat', id }, xml('body', {}, text), ...extras))
      .catch(() => undefined);
  }

  private hear(stanza: Element, stream: string): void {
    if (stanza.name === 'iq') return this.queries.get(stanza.attrs['id'] ?? '')?.done(stanza);
    if (stanza.name !== 'message') return;
    const result = stanza.getChild('result', NS.mam);
    if (result) return this.queries.get(result.attrs['queryid'] ?? '')?.element(result);
    const receipt = stanza.getChild('received', NS.receipts);
    if (receipt) this.unconfirmed.delete(receipt.attrs['id'] ?? '');
    if (stanza.attrs['type'] === 'error') return this.hearRefusal(stanza);
    const stored = stanza.getChild('delay', NS.delay) !== undefined;
    if (!this.show(stanza, `${stream}${stored ? ' stored' : ''}`)) return;
    const [to, id] = [stanza.attrs['from'] ?? '', stanza.attrs['id'] ?? ''];
    const answer = [xml('received', { xmlns: NS.receipts, id }), xml('displayed', { xmlns: NS.markers, id })];
    for (const child of answer)
      void this.connection?.send(xml('message', { to, type: 'chat' }, child)).catch(() => undefined);
  }

  /** @returns whether it is a text of a visitor that is new */
  private show(message: Element, stream: string): boolean {
    const text = message.getChildText('body');
    const [id, from] = [message.attrs['id'], message.attrs['from']];
    if (text === null || id === undefined || from === undefined || /^foyer-notice\./.test(id)) return false;
    if (this.ids.has(id)) {
      if (!stream.endsWith('archive')) this.repeated += 1;
      return false;
    }
    this.ids.add(id);
    const stamp = message.getChild('delay', NS.delay)?.attrs['stamp'] ?? '';
    this.shown.push({ contact: from.split('/')[0] ?? '', id, text, stream, stamp });
    return true;
  }

  /** A person who sees that a message wasn't sent sends it again. */
  private hearRefusal(stanza: Element): void {
    const id = stanza.attrs['id'] ?? '';
    const said = this.unconfirmed.get(id);
    if (!said) return;
    const condition = stanza.getChild('error')?.getChildElements()[0]?.name ?? 'unknown';
    this.refused.set(said.text, condition);
    setTimeout(() => {
      if (this.unconfirmed.has(id) && this.connection) this.send(this.connection, id, said);
    }, 1_000).unref();
  }

  private async readArchive(connection: Connection): Promise<void> {
    const start = new Date(this.lastSeenAt - OVERLAP_MS).toISOString();
    let after = '';
    for (let complete = false; !complete && this.connection === connection;) {
      const end = await this.askArchive(connection, start, after);
      const fin = end.getChild('fin', NS.mam);
      const last = fin?.getChild('set', NS.rsm)?.getChildText('last') ?? null;
      complete = fin === undefined || fin.attrs['complete'] === 'true' || last === null;
      after = last ?? '';
    }
  }

  private askArchive(connection: Connection, start: string, after: string): Promise<Element> {
    const id = crypto.randomUUID();
    const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
    const form = xml(
      'x',
      { xmlns: 'jabber:x:data', type: 'submit' },
      field('FORM_TYPE', NS.mam),
      field('start', start),
    );
    const page = xml('set', { xmlns: NS.rsm }, xml('max', {}, '200'), ...(after ? [xml('after', {}, after)] : []));
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(NOTHING), ARCHIVE_MS);
      const done = (end: Element) => {
        clearTimeout(timer);
        this.queries.delete(id);
        resolve(end);
      };
      const element = (result: Element) => {
        const message = result.getChild('forwarded', NS.forward)?.getChild('message');
        // The archive holds what the operator wrote, too.
        if (message && message.attrs['from']?.startsWith('visitor.')) this.show(message, `${id} archive`);
      };
      this.queries.set(id, { element, done });
      void connection
        .send(xml('iq', { type: 'set', id }, xml('query', { xmlns: NS.mam, queryid: id }, form, page)))
        .catch(() => done(NOTHING));
    });
  }
}
