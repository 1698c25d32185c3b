import { client, type Client, type Element } from '@xmpp/client';
import { readWhileOpen } from './operator-client.js';
import { until } from './until.js';

/**
 * A client like the old and simple ones: no stream management, no carbons, no archive; and one that may say whatever a
 * test wants, also before it has logged in.
 */
export class BareClient {
  /** Top-level elements in the order in which they came. */
  readonly received: Element[] = [];
  ended = false;

  private constructor(
    private readonly entity: Client,
    private readonly host: string,
  ) {
    entity.reconnect.stop();
    readWhileOpen(entity);
    // What the library would do with what comes in: log in, count, answer.
    entity.removeAllListeners('element');
    entity.on('element', (element: Element) => void this.received.push(element));
    entity.on('error', () => undefined);
    entity.on('disconnect', () => {
      this.ended = true;
    });
  }

  /** Connects and opens a stream, and no more. */
  static async connect({ host, c2sPort }: { host: string; c2sPort: number }): Promise<BareClient> {
    const service = `xmpp://127.0.0.1:${c2sPort}`;
    const entity = client({ service, domain: host, timeout: 15_000, credentials: async () => undefined });
    const bare = new BareClient(entity, host);
    await entity.connect(service);
    await entity.open({ domain: host });
    await bare.features();
    return bare;
  }

  static async login(
    server: { host: string; c2sPort: number },
    { user, password, resource }: { user: string; password: string; resource?: string },
  ): Promise<BareClient> {
    const bare = await BareClient.connect(server);
    const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
    await bare.write(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${plain}</auth>`);
    await bare.expect('the login', (one) => one.is('success'));
    bare.received.length = 0;
    await bare.entity.restart();
    await bare.features();
    const wished = resource === undefined ? '' : `<resource>${resource}</resource>`;
    await bare.write(`<iq type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">${wished}</bind></iq>`);
    await bare.expect('the resource', (one) => one.is('iq') && one.attrs['id'] === 'bind');
    return bare;
  }

  /** XML as it is. */
  async write(text: string): Promise<void> {
    await this.entity.write(text);
  }

  async expect(what: string, matches: (element: Element) => boolean): Promise<Element> {
    return until(() => this.received.find(matches), what);
  }

  /** Texts received from this contact (bare JID), in order. */
  texts(from: string): string[] {
    return this.received
      .filter((one) => one.is('message') && one.attrs['type'] !== 'error' && one.attrs['from']?.split('/')[0] === from)
      .map((one) => one.getChildText('body') ?? '')
      .filter((text) => text !== '');
  }

  /** Resolves once the server has answered: what it had sent before is here by then. */
  async ping(): Promise<void> {
    const id = crypto.randomUUID();
    await this.write(`<iq type="get" id="${id}" to="${this.host}"><ping xmlns="urn:xmpp:ping"/></iq>`);
    await this.expect('an answer to a ping', (one) => one.is('iq') && one.attrs['id'] === id);
  }

  /** Says goodbye and waits for the end. */
  async close(): Promise<void> {
    if (!this.ended) await this.write('</stream:stream>').catch(() => undefined);
    this.entity.socket?.end();
    await until(() => this.ended, 'the end of the stream');
  }

  /** Has stanzas counted from here on (XEP-0198); `resumeSeconds`: for how long it may come back to this stream. */
  async countStanzas(resumeSeconds?: number): Promise<void> {
    const resume = resumeSeconds === undefined ? '' : ` resume="true" max="${resumeSeconds}"`;
    await this.write(`<enable xmlns="urn:xmpp:sm:3"${resume}/>`);
    await this.expect('stream management', (one) => one.is('enabled', 'urn:xmpp:sm:3'));
  }

  /** Tells the server that all stanzas that are here have arrived. */
  async acknowledge(): Promise<void> {
    const since = this.received.findIndex((one) => one.is('enabled', 'urn:xmpp:sm:3'));
    const stanzas = this.received.slice(since).filter(({ name }) => ['message', 'presence', 'iq'].includes(name));
    await this.write(`<a xmlns="urn:xmpp:sm:3" h="${stanzas.length}"/>`);
  }

  /** Hears nothing more, and the server doesn't know. */
  deafen(): void {
    this.entity.socket?.pause();
  }

  /** Goes without a word, as in a tunnel. */
  drop(): void {
    this.entity.socket?.destroy();
  }

  private async features(): Promise<void> {
    await this.expect('stream features', (one) => one.name === 'stream:features');
  }
}
