import { randomBytes } from 'node:crypto';
import { xml, type Element } from '@xmpp/client';
import { abandonClient, makeClient, startClient } from '../../outbound/xmpp/library-client.js';
import { guideNegotiation } from '../../outbound/xmpp/negotiation.js';
import { SessionError, toSessionError } from '../../outbound/xmpp/session-error.js';
import { describeError } from '../../shared/errors.js';
import { splitJid } from '../../shared/jid.js';

export interface Login {
  /** Bare JID. */
  jid: string;
  password: string;
  /** `xmpp://host:port` or `xmpps://host:port`. */
  service: string;
}

/** One connection. It isn't mended: after `ended` a fresh one is made. */
export interface Connection {
  send(stanza: Element): Promise<void>;
  /** Why it is over. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

const LOGIN_MS = 30_000;

/**
 * Logs an operator in, with the bridge's rules for TLS and passwords, and makes it available.
 * @throws SessionError; `not-authorized` when trying again is of no use
 */
export async function connect(
  { jid, password, service }: Login,
  onStanza: (stanza: Element) => void,
  beforePresence: Element,
): Promise<Connection> {
  const { local, host } = splitJid(jid);
  const server = { service };
  // A resource of its own: the operator's other clients stay.
  const client = makeClient({ local, host, password }, server, `foyer-${randomBytes(4).toString('hex')}`);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new SessionError('unreachable', 'the login took too long')), LOGIN_MS);
      client.on('error', reject);
      client.once('disconnect', () => reject(new SessionError('unreachable', 'the server closed the connection')));
      client.once('online', () => resolve());
      guideNegotiation(client, server, host, reject);
      startClient(client, service, host).catch(reject);
    });
  } catch (error) {
    abandonClient(client);
    throw toSessionError(error);
  } finally {
    clearTimeout(timer);
  }
  let fault = 'the server closed it';
  client.on('error', (error: Error) => {
    fault = describeError(error);
  });
  const ended = new Promise<string>((resolve) => client.once('disconnect', () => resolve(fault)));
  client.on('stanza', onStanza);
  await client.send(beforePresence);
  await client.send(xml('presence'));
  return {
    send: (stanza) => client.send(stanza),
    ended,
    close: async () => void (await client.stop().catch(() => undefined)),
  };
}
