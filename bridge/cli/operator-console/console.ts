import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { SessionError } from '../../outbound/xmpp/session-error.js';
import { describeError } from '../../shared/errors.js';
import { EXIT, CliError } from '../exit-codes.js';
import { connect, type Connection, type Login } from './connection.js';
import { Contacts, type Contact } from './contacts.js';
import { readInput } from './input-line.js';
import { visible, type Screen } from './screen.js';
import { chatMessage, displayedFor, readStanza, receiptFor, rosterRequest, type Incoming } from './stanzas.js';

const RETRY_MS = 2_000;

const HELP = [
  '1 text or @1 text   answers contact 1',
  'text                answers whom you heard from last',
  '/list               who is there',
  '/quit               ends the console; visitors see nobody then',
];

/** An operator who sits at a terminal. */
export class OperatorConsole {
  private readonly contacts = new Contacts();
  private connection: Connection | null = null;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly login: Login,
    private readonly screen: Screen,
    private readonly stop: AbortSignal,
  ) {}

  /** Until `/quit`, the end of the input, or `stop`. @throws CliError when the first login fails */
  async run(): Promise<void> {
    const quitting = new AbortController();
    const over = AbortSignal.any([quitting.signal, this.stop]);
    this.connection = await this.connectFirst();
    this.screen.print(`Online as ${this.login.jid}. /help says what you can type.`);
    const staying = this.stayOnline(over);
    const input = this.readLines().finally(() => quitting.abort());
    await Promise.race([input, new Promise((resolve) => this.stop.addEventListener('abort', resolve))]);
    quitting.abort();
    await this.sending;
    await this.connection?.close();
    await staying;
  }

  private async connectFirst(): Promise<Connection> {
    const { jid, service } = this.login;
    try {
      return await this.connectOnce();
    } catch (error) {
      if (error instanceof SessionError && !error.retryable)
        throw new CliError(`${service} doesn’t let ${jid} in: ${error.message}`, EXIT.failed, { cause: error });
      throw new CliError(`${service} can’t be reached (${describeError(error)})`, EXIT.unavailable, { cause: error });
    }
  }

  private connectOnce(): Promise<Connection> {
    return connect(this.login, (stanza) => this.receive(stanza), rosterRequest());
  }

  private async stayOnline(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const reason = await this.connection?.ended;
      this.connection = null;
      if (over.aborted) return;
      this.screen.print(`Connection lost (${visible(reason ?? '')}). Tries again.`);
      for (const contact of this.contacts.all()) contact.online = false;
      while (this.connection === null && !over.aborted) {
        await delay(RETRY_MS, undefined, { signal: over }).catch(() => undefined);
        if (!over.aborted) this.connection = await this.connectOnce().catch(() => null);
      }
      if (this.connection !== null) this.screen.print('Online again.');
    }
    await this.connection?.close();
  }

  private async readLines(): Promise<void> {
    for (;;) {
      this.screen.prompt();
      const next = await this.screen.lines.next();
      if (next.done === true || !this.obey(next.value)) return;
    }
  }

  /** @returns false when the operator has had enough */
  private obey(line: string): boolean {
    const input = readInput(line, (number) => this.contacts.find(number) !== undefined);
    switch (input.kind) {
      case 'quit':
        return false;
      case 'help':
        for (const text of HELP) this.screen.print(text);
        return true;
      case 'list':
        this.list();
        return true;
      case 'unknown':
        this.screen.print(`There is no /${visible(input.command)}; /help says what there is.`);
        return true;
      case 'say':
        this.say(input.to === 'last' ? this.contacts.latest : this.contacts.find(input.to), input.to, input.text);
        return true;
      default:
        return true;
    }
  }

  private list(): void {
    const online = this.contacts.all().filter((contact) => contact.online);
    if (online.length === 0) this.screen.print('Nobody is there.');
    for (const contact of online) this.screen.print(describe(contact));
  }

  private say(contact: Contact | undefined, to: number | 'last', text: string): void {
    if (!contact)
      return this.screen.print(
        to === 'last' ? 'Nobody has written yet: name somebody, “1 text”.' : `There is no contact ${to}.`,
      );
    if (!this.connection) return this.screen.print('Not sent: there is no connection.');
    this.contacts.turnTo(contact);
    this.send(chatMessage(contact.jid, randomUUID(), text));
    this.screen.print(`[${contact.number}] me: ${visible(text)}`);
  }

  private send(stanza: Element): void {
    const sent = this.connection
      ?.send(stanza)
      .catch((error: unknown) => this.screen.print(`Not sent: ${describeError(error)}`));
    this.sending = Promise.all([this.sending, sent]);
  }

  private receive(stanza: Element): void {
    for (const incoming of readStanza(stanza, this.login.jid)) this.show(incoming);
  }

  private show(incoming: Incoming): void {
    if (incoming.kind === 'names') {
      for (const { jid, name } of incoming.names) this.contacts.of(jid).name = name;
      return;
    }
    const contact = this.contacts.of(incoming.from);
    const who = `[${contact.number}] ${visible(contact.name)}`;
    switch (incoming.kind) {
      case 'presence':
        return this.showPresence(contact, incoming);
      case 'message': {
        const when = incoming.sentAt === null ? '' : ` (${incoming.sentAt.toISOString().slice(0, 19)}Z)`;
        this.screen.print(`${who}${when}${incoming.corrected ? ' corrects' : ''}: ${visible(incoming.text)}`);
        this.contacts.turnTo(contact);
        if (incoming.wantsReceipt) this.send(receiptFor(contact.jid, incoming.id));
        if (incoming.markable) this.send(displayedFor(contact.jid, incoming.id));
        return;
      }
      case 'typing':
        return incoming.typing ? this.screen.print(`${who} is typing …`) : undefined;
      case 'seen':
        return this.screen.print(`${who} has seen it`);
      case 'refused':
        return this.screen.print(`${who} didn’t get it: ${visible(incoming.reason)}`);
    }
  }

  private showPresence(contact: Contact, { online, status, nick }: Extract<Incoming, { kind: 'presence' }>): void {
    const before = { ...contact };
    contact.online = online;
    contact.status = online ? status : '';
    if (nick !== null) contact.name = nick;
    if (online && (!before.online || before.status !== contact.status))
      this.screen.print(`${describe(contact)}${before.online ? '' : ' came'}`);
    else if (!online && before.online) this.screen.print(`[${contact.number}] ${visible(contact.name)} has gone`);
  }
}

function describe({ number, name, status }: Contact): string {
  return `[${number}] ${visible(name)}${status === '' ? '' : ` (${visible(status)})`}`;
}
