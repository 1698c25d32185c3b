import { client, xml, type Client, type Element } from '@xmpp/client';

const NS = {
  streams: 'http://etherx.jabber.org/streams',
  receipts: 'urn:xmpp:receipts',
  markers: 'urn:xmpp:chat-markers:0',
  mam: 'urn:xmpp:mam:2',
  rsm: 'http://jabber.org/protocol/rsm',
  forward: 'urn:xmpp:forward:0',
  delay: 'urn:xmpp:delay',
} as const;
const RETRY_MS = 300;
const LOGIN_MS = 10_000;
const ARCHIVE_MS = 10_000;
/** What was said so long before the connection ended is looked up in the archive again. */
const OVERLAP_MS = 60_000;

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
  private entity: Client | null = null;
  private connections = 0;
  private lastSeenAt = Date.now();
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly login: OperatorLogin) {}

  get online(): boolean {
    return this.entity !== null;
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
    await this.entity?.stop().catch(() => undefined);
    await this.running;
  }

  say(to: string, text: string): void {
    const id = crypto.randomUUID();
    this.unconfirmed.set(id, { to, text });
    if (this.entity) this.send(this.entity, id, { to, text });
  }

  /** Looks into the archive once more. */
  async catchUp(): Promise<void> {
    if (this.entity) await this.readArchive(this.entity);
  }

  private async stay(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.connectOnce();
      } catch {
        // The server is away, or the way to it: the next try tells.
      }
      this.entity = null;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** From the login to the end of the connection. */
  private async connectOnce(): Promise<void> {
    const { host, port, user, password } = this.login;
    const entity = client({
      service: `xmpp://127.0.0.1:${port}`,
      domain: host,
      timeout: LOGIN_MS,
      credentials: (authenticate) => authenticate({ username: user, password }, 'PLAIN'),
    });
    entity.reconnect.stop();
    entity.on('error', () => undefined);
    // Without stream management, as Pidgin: what was written into a dead connection is gone, but for the archive.
    entity.prependListener('element', (element: Element) => {
      if (element.is('features', NS.streams))
        element.children = element.getChildElements().filter(({ name }) => name !== 'sm');
    });
    const ended = new Promise<void>((resolve) => entity.once('disconnect', () => resolve()));
    this.connections += 1;
    const stream = `${this.connections}`;
    entity.on('stanza', (stanza: Element) => this.hear(entity, stanza, stream));
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('login took too long')), LOGIN_MS).unref(),
    );
    try {
      await Promise.race([entity.start(), ended.then(() => Promise.reject(new Error('closed'))), late]);
      await entity.send(xml('presence'));
    } catch (error) {
      await entity.stop().catch(() => undefined);
      throw error;
    }
    for (const [id, said] of this.unconfirmed) this.send(entity, id, said);
    this.entity = entity;
    await Promise.race([this.readArchive(entity), ended]);
    await ended;
    this.lastSeenAt = Date.now();
    for (const { done } of this.queries.values()) done(xml('iq', {}));
    this.queries.clear();
  }

  private send(entity: Client, id: string, { to, text }: Said): void {
    const extras = [xml('request', { xmlns: NS.receipts }), xml('markable', { xmlns: NS.markers })];
    void entity.send(xml('message', { to, type: 'chat', id }, xml('body', {}, text), ...extras)).catch(() => undefined);
  }

  private hear(entity: Client, stanza: Element, stream: string): void {
    if (stanza.name === 'iq') return this.queries.get(stanza.attrs['id'] ?? '')?.done(stanza);
    if (stanza.name !== 'message') return;
    const result = stanza.getChild('result', NS.mam);
    if (result) return this.queries.get(result.attrs['queryid'] ?? '')?.element(result);
    const receipt = stanza.getChild('received', NS.receipts);
    if (receipt) this.unconfirmed.delete(receipt.attrs['id'] ?? '');
    if (stanza.attrs['type'] === 'error') return this.hearRefusal(entity, stanza);
    const stored = stanza.getChild('delay', NS.delay) !== undefined;
    if (!this.show(stanza, `${stream}${stored ? ' stored' : ''}`)) return;
    const [to, id] = [stanza.attrs['from'] ?? '', stanza.attrs['id'] ?? ''];
    const answer = [xml('received', { xmlns: NS.receipts, id }), xml('displayed', { xmlns: NS.markers, id })];
    for (const child of answer) void entity.send(xml('message', { to, type: 'chat' }, child)).catch(() => undefined);
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
    this.shown.push({ contact: from.split('/')[0] ?? '', id, text, stream });
    return true;
  }

  /** A person who sees that a message wasn't sent sends it again. */
  private hearRefusal(entity: Client, stanza: Element): void {
    const id = stanza.attrs['id'] ?? '';
    const said = this.unconfirmed.get(id);
    if (!said) return;
    const condition = stanza.getChild('error')?.getChildElements()[0]?.name ?? 'unknown';
    this.refused.set(said.text, condition);
    setTimeout(() => {
      if (this.unconfirmed.has(id) && this.entity === entity) this.send(entity, id, said);
    }, 1_000).unref();
  }

  private async readArchive(entity: Client): Promise<void> {
    const start = new Date(this.lastSeenAt - OVERLAP_MS).toISOString();
    let after = '';
    for (let complete = false; !complete && this.entity === entity;) {
      const end = await this.askArchive(entity, start, after);
      const fin = end.getChild('fin', NS.mam);
      const last = fin?.getChild('set', NS.rsm)?.getChildText('last') ?? null;
      complete = fin === undefined || fin.attrs['complete'] === 'true' || last === null;
      after = last ?? '';
    }
  }

  private askArchive(entity: Client, start: string, after: string): Promise<Element> {
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
      const timer = setTimeout(() => done(xml('iq', {})), ARCHIVE_MS);
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
      void entity
        .send(xml('iq', { type: 'set', id }, xml('query', { xmlns: NS.mam, queryid: id }, form, page)))
        .catch(() => done(xml('iq', {})));
    });
  }
}
