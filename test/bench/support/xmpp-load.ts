import { client, xml, type Client, type Element } from '@xmpp/client';

const NS_STREAMS = 'http://etherx.jabber.org/streams';

/** Who logs in where. */
export interface Login {
  host: string;
  c2sPort: number;
  user: string;
  password: string;
}

/**
 * An XMPP client that makes load: the same library on both sides of every comparison. It keeps nothing of what it receives; `onText` hears each message
 * with a body.
 */
export class LoadClient {
  onText: (text: string, from: string) => void = () => undefined;

  private constructor(
    private readonly entity: Client,
    readonly jid: string,
  ) {}

  static async login({ host, c2sPort, user, password }: Login): Promise<LoadClient> {
    const entity = client({
      service: `xmpp://127.0.0.1:${c2sPort}`,
      domain: host,
      resource: 'bench',
      timeout: 30_000,
      credentials: (authenticate) => authenticate({ username: user, password }, 'PLAIN'),
    });
    entity.reconnect.stop();
    // The library counts what comes before stream management is on, and ejabberd ends the stream for such a count.
    entity.prependListener('element', (element: Element) => {
      if (element.is('features', NS_STREAMS))
        element.children = element.getChildElements().filter(({ name }) => name !== 'sm');
    });
    entity.on('error', () => undefined);
    await entity.start();
    const load = new LoadClient(entity, `${user}@${host}`);
    entity.on('stanza', (stanza: Element) => {
      if (stanza.name !== 'message' || stanza.attrs['type'] === 'error') return;
      const text = stanza.getChildText('body');
      if (text !== null) load.onText(text, stanza.attrs['from'] ?? '');
    });
    await entity.send(xml('presence'));
    return load;
  }

  /** Resolves when the socket has taken it. */
  say(to: string, text: string, id: string): Promise<void> {
    return this.entity.send(xml('message', { to, type: 'chat', id }, xml('body', null, text)));
  }

  async logout(): Promise<void> {
    await this.entity.stop().catch(() => undefined);
  }
}
