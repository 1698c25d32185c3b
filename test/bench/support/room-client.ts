import { connect, type Socket } from 'node:net';
import type { Login } from './xmpp-load.js';

const NS_MUC = 'http://jabber.org/protocol/muc';
const LOGIN_MS = 30_000;

/**
 * One connection that may be in many rooms, under a nick in each: a socket, and as little reading as possible, since a message in a room of 50 is read 50
 * times on the machine that is measured. It understands ejabberd's own stream and no more; texts and names must be ASCII without marks of XML.
 */
export class RoomClient {
  onText: (text: string) => void = () => undefined;
  /** A message that isn't of a room: an invitation, say. */
  onChat: (stanza: string) => void = () => undefined;
  /** Rooms that have let it in. */
  entered = 0;
  private received = '';
  private waiting: { mark: string; resolve: () => void } | null = null;

  private constructor(
    private readonly socket: Socket,
    private readonly login: Login,
  ) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.read(text));
    socket.on('error', () => undefined);
  }

  static async login(login: Login): Promise<RoomClient> {
    const socket = connect({ host: '127.0.0.1', port: login.c2sPort });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const client = new RoomClient(socket, login);
    await client.open();
    return client;
  }

  get jid(): string {
    return `${this.login.user}@${this.login.host}`;
  }

  /** `entered` counts the rooms' answers. Without history. */
  enter(room: string, nick: string, password?: string): void {
    const secret = password === undefined ? '' : `<password>${password}</password>`;
    this.socket.write(
      `<presence to='${room}/${nick}'><x xmlns='${NS_MUC}'><history maxstanzas='0'/>${secret}</x></presence>`,
    );
  }

  leave(room: string, nick: string): void {
    this.socket.write(`<presence to='${room}/${nick}' type='unavailable'/>`);
  }

  sayIn(room: string, text: string, id: string): void {
    this.socket.write(`<message to='${room}' type='groupchat' id='${id}'><body>${text}</body></message>`);
  }

  say(to: string, text: string, id: string): void {
    this.socket.write(`<message to='${to}' type='chat' id='${id}'><body>${text}</body></message>`);
  }

  close(): void {
    this.socket.destroy();
  }

  private async open(): Promise<void> {
    const { user, password, host } = this.login;
    const stream = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${host}' version='1.0'>`;
    await this.ask(stream, '</stream:features>');
    const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
    await this.ask(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`, '<success');
    await this.ask(stream, '</stream:features>');
    await this.ask(
      "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>",
      "id='bind'",
    );
    this.socket.write('<presence/>');
  }

  private async ask(text: string, mark: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.jid} was never answered with ${mark}`)), LOGIN_MS);
      this.waiting = { mark, resolve };
      this.received = '';
      this.socket.write(text);
    });
    clearTimeout(timer);
  }

  private read(text: string): void {
    this.received += text;
    if (this.waiting !== null) {
      if (!this.received.includes(this.waiting.mark)) return;
      const { resolve } = this.waiting;
      this.waiting = null;
      this.received = '';
      return resolve();
    }
    let end = 0;
    for (const found of this.received.matchAll(STANZA)) {
      end = found.index + found[0].length;
      this.stanza(found[1] ?? '', found[0]);
    }
    this.received = this.received.slice(end);
  }

  private stanza(name: string, stanza: string): void {
    if (name === 'presence') {
      if (stanza.includes("code='110'") && !stanza.includes("type='unavailable'")) this.entered += 1;
    } else if (name === 'iq') {
      // mod_ping ends a session that doesn't answer.
      const id = stanza.includes("xmlns='urn:xmpp:ping'") ? /\bid='([^']*)'/.exec(stanza)?.[1] : undefined;
      if (id !== undefined) this.socket.write(`<iq type='result' id='${id}' to='${this.login.host}'/>`);
    } else if (stanza.includes("type='groupchat'")) {
      const text = /<body>([^<]*)<\/body>/.exec(stanza)?.[1];
      if (text !== undefined) this.onText(text);
    } else this.onChat(stanza);
  }
}

const STANZA = /<(message|presence|iq)\b[^>]*?(?:\/>|>.*?<\/\1>)/gs;
