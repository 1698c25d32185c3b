import { client, xml, type Client, type Element } from '@xmpp/client';
import { until } from './until.js';

/** An operator's XMPP client that keeps what it received. */
export interface OperatorClient {
  readonly jid: string;
  readonly received: Element[];
  /** Texts received from this contact (bare JID), in order. */
  texts(from?: string): string[];
  send(element: Element): Promise<unknown>;
  /** A message with a body; the id is made up when absent. */
  say(
    to: string,
    text: string,
    options?: { id?: string; receipt?: boolean; markable?: boolean; replaces?: string; unstyled?: boolean },
  ): Promise<string>;
  presence(show?: 'away' | 'dnd' | 'xa' | 'chat', status?: string, priority?: number): Promise<unknown>;
  /** The first stanza for which this holds, now or soon. */
  expect(what: string, matches: (stanza: Element) => boolean): Promise<Element>;
  stop(): Promise<void>;
}

export interface OperatorLogin {
  host: string;
  c2sPort: number;
  user: string;
  password: string;
  resource?: string;
  /** Sends no presence of its own accord: the client is connected, but not available. */
  silent?: boolean;
}

const STREAM_MANAGEMENT = 'urn:xmpp:sm:3';

let counter = 0;

/** At the end of a stream, and behind what can't be parsed, the library has no parser any more, and would throw at what still comes. */
export function readWhileOpen(entity: Client): void {
  const read = entity._onData.bind(entity);
  entity._onData = (data) => {
    if (entity.parser) read(data);
  };
}

/** Logs in and becomes available. */
export async function operatorClient({
  host,
  c2sPort,
  user,
  password,
  resource,
  silent,
}: OperatorLogin): Promise<OperatorClient> {
  const entity = client({
    service: `xmpp://127.0.0.1:${c2sPort}`,
    domain: host,
    timeout: 15_000,
    ...(resource === undefined ? {} : { resource }),
    credentials: (authenticate) => authenticate({ username: user, password }, 'PLAIN'),
  });
  entity.reconnect.stop();
  readWhileOpen(entity);
  const received: Element[] = [];
  entity.on('stanza', (stanza) => void received.push(stanza));
  entity.on('error', () => undefined);
  const counting = new Promise<void>((resolve) => {
    entity.on('element', (element) => {
      if (element.is('enabled', STREAM_MANAGEMENT) || element.is('failed', STREAM_MANAGEMENT)) resolve();
    });
  });
  const address = await entity.start();
  // The library counts what arrives before the server has begun to count, and a server that is told of more than it sent ends the stream (XEP-0198).
  await counting;
  if (silent !== true) await entity.send(xml('presence'));
  return {
    jid: address.toString(),
    received,
    texts: (from) =>
      received
        .filter(
          (stanza) => stanza.is('message') && stanza.attrs['type'] !== 'error' && stanza.getChild('body') !== undefined,
        )
        .filter((stanza) => from === undefined || stanza.attrs['from']?.split('/')[0] === from)
        .map((stanza) => stanza.getChildText('body') ?? ''),
    send: (element) => entity.send(element),
    async say(to, text, { id, receipt, markable, replaces, unstyled } = {}) {
      counter += 1;
      const stanzaId = id ?? `test-${process.pid}-${counter}`;
      const extras = [
        ...(receipt === true ? [xml('request', { xmlns: 'urn:xmpp:receipts' })] : []),
        ...(markable === true ? [xml('markable', { xmlns: 'urn:xmpp:chat-markers:0' })] : []),
        ...(unstyled === true ? [xml('unstyled', { xmlns: 'urn:xmpp:styling:0' })] : []),
        ...(replaces === undefined ? [] : [xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: replaces })]),
      ];
      await entity.send(xml('message', { to, type: 'chat', id: stanzaId }, xml('body', {}, text), ...extras));
      return stanzaId;
    },
    presence: (show, status, priority) =>
      entity.send(
        xml(
          'presence',
          {},
          ...(show === undefined ? [] : [xml('show', {}, show)]),
          ...(status === undefined ? [] : [xml('status', {}, status)]),
          ...(priority === undefined ? [] : [xml('priority', {}, String(priority))]),
        ),
      ),
    expect: (what, matches) => until(() => received.find(matches), what),
    stop: async () => void (await entity.stop()),
  };
}
