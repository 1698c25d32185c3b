import { xml, type Element } from '@xmpp/client';
import { connect, type Connection } from '../../../bridge/cli/operator-console/connection.js';
import type { OperatorLogin } from './operator.js';

const NS_MUC = 'http://jabber.org/protocol/muc';
const RETRY_MS = 300;

/** A room that the client is in, whenever it is connected. */
export interface Place {
  room: string;
  password: string;
}

interface Saying {
  id: string;
  text: string;
}

/**
 * An operator's client in rooms: comes back and enters again when the connection is lost. In each room it says one thing after the other: the next once it has heard
 * the one before, and until then the same under the same id.
 */
export class RoomSpeaker {
  /** What it has heard itself say, by room. */
  readonly said = new Map<string, string[]>();
  private readonly places = new Map<string, Place>();
  private readonly waiting = new Map<string, Saying[]>();
  private readonly invitations: Place[] = [];
  private connection: Connection | null = null;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly login: OperatorLogin,
    private readonly nick: string,
  ) {}

  get online(): boolean {
    return this.connection !== null;
  }

  /** Things that it has still to say, or to hear. */
  get unsaid(): number {
    return [...this.waiting.values()].reduce((sum, sayings) => sum + sayings.length, 0);
  }

  /** Where it was told to come in (XEP-0249). */
  get invited(): readonly Place[] {
    return this.invitations;
  }

  start(): void {
    this.running = this.stay();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.connection?.close();
    await this.running;
  }

  /** To somebody, as in any chat. */
  async tell(to: string, text: string): Promise<void> {
    await this.connection?.send(xml('message', { to, type: 'chat', id: crypto.randomUUID() }, xml('body', {}, text)));
  }

  enter(place: Place): void {
    this.places.set(place.room, place);
    this.said.set(place.room, []);
    if (this.connection) this.send(this.entry(place));
  }

  say(room: string, text: string): void {
    const sayings = this.waiting.get(room) ?? [];
    this.waiting.set(room, sayings);
    sayings.push({ id: crypto.randomUUID(), text });
    if (sayings.length === 1) this.sayFirst(room);
  }

  private async stay(): Promise<void> {
    while (!this.stopping) {
      try {
        const { host, port, user, password } = this.login;
        const about = { jid: `${user}@${host}`, password, service: `xmpp://127.0.0.1:${port}` };
        const roster = xml('iq', { type: 'get', id: 'roster' }, xml('query', { xmlns: 'jabber:iq:roster' }));
        const connection = await connect(about, (stanza) => this.hear(stanza), roster);
        this.connection = connection;
        for (const place of this.places.values()) this.send(this.entry(place));
        for (const room of this.waiting.keys()) this.sayFirst(room);
        await connection.ended;
      } catch {
        // The server is away: the next try tells.
      }
      this.connection = null;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private hear(stanza: Element): void {
    const { from = '', id = '', type } = stanza.attrs;
    if (stanza.name !== 'message') return;
    const x = stanza.getChild('x', 'jabber:x:conference');
    if (x) this.invitations.push({ room: x.attrs['jid'] ?? '', password: x.attrs['password'] ?? '' });
    const [room = ''] = from.split('/');
    const [first] = this.waiting.get(room) ?? [];
    if (first?.id !== id) return;
    if (type === 'error') {
      // Thrown out, or refused for a while.
      setTimeout(() => {
        const place = this.places.get(room);
        if (place && this.connection) this.send(this.entry(place));
        this.sayFirst(room);
      }, RETRY_MS).unref();
      return;
    }
    this.said.get(room)?.push(first.text);
    this.waiting.get(room)?.shift();
    this.sayFirst(room);
  }

  private sayFirst(room: string): void {
    const [first] = this.waiting.get(room) ?? [];
    if (first) this.send(xml('message', { to: room, type: 'groupchat', id: first.id }, xml('body', {}, first.text)));
  }

  private entry({ room, password }: Place): Element {
    const history = xml('history', { maxstanzas: '0' });
    const secret = xml('password', {}, password);
    return xml('presence', { to: `${room}/${this.nick}` }, xml('x', { xmlns: NS_MUC }, history, secret));
  }

  private send(stanza: Element): void {
    void this.connection?.send(stanza).catch(() => undefined);
  }
}
