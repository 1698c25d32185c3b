import { client as makeClient, xml, type Client, type Element } from '@xmpp/client';

/** An operator's XMPP client: logs in, is available, and keeps everything that it receives. */
export class OperatorClient {
  readonly received: Element[] = [];

  private constructor(private readonly client: Client) {
    client.on('error', () => undefined);
    client.on('stanza', (stanza: Element) => this.received.push(stanza));
  }

  static async login(
    port: number,
    account: { local: string; host: string; password: string },
  ): Promise<OperatorClient> {
    const { local, host, password } = account;
    const client = makeClient({
      service: `xmpp://127.0.0.1:${port}`,
      domain: host,
      resource: 'desk',
      timeout: 15_000,
      credentials: (authenticate) => authenticate({ username: local, password }, 'PLAIN'),
    });
    client.reconnect.stop();
    // What comes in after the end of the stream would be an error that nobody catches.
    const read = client._onData.bind(client);
    client._onData = (data) => {
      if (client.parser) {
        read(data);
      }
    };
    // The library resets its count of received stanzas a turn too late, acknowledges more than it got, and is thrown out.
    client.prependListener('element', (element: Element) => {
      if (element.is('enabled', 'urn:xmpp:sm:3')) {
        client.streamManagement.inbound = 0;
      }
    });
    const operator = new OperatorClient(client);
    await client.start();
    await client.send(xml('presence'));
    return operator;
  }

  bodies(): string[] {
    return this.messages().map((message) => message.getChildText('body') ?? '');
  }

  messages(): Element[] {
    return this.received.filter((stanza) => stanza.name === 'message' && stanza.getChild('body'));
  }

  presences(from: string): Element[] {
    return this.received.filter(({ name, attrs }) => name === 'presence' && (attrs['from'] ?? '').startsWith(from));
  }

  /** Sends an IQ and gives its answer, an error too. */
  async query(iq: Element): Promise<Element> {
    const answered = new Promise<Element>((resolve) => {
      const listener = (stanza: Element) => {
        if (stanza.name === 'iq' && stanza.attrs['id'] === iq.attrs['id']) {
          this.client.off('stanza', listener);
          resolve(stanza);
        }
      };
      this.client.on('stanza', listener);
    });
    await this.client.send(iq);
    return answered;
  }

  async send(stanza: Element): Promise<void> {
    await this.client.send(stanza);
  }

  /** The names in the roster by bare JID. */
  async rosterNames(): Promise<Map<string, string>> {
    const answer = await this.query(
      xml('iq', { type: 'get', id: 'roster' }, xml('query', { xmlns: 'jabber:iq:roster' })),
    );
    const items = answer.getChild('query')?.getChildElements() ?? [];
    return new Map(items.map(({ attrs }) => [attrs['jid'] ?? '', attrs['name'] ?? '']));
  }

  async logout(): Promise<void> {
    await this.client.stop().catch(() => undefined);
  }
}
