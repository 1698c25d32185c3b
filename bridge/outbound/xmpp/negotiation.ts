import type { Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Client, Element } from '@xmpp/client';
import { isLoopback, tlsOptions, type XmppServer } from './server.js';
import { SessionError } from './session-error.js';

const NS_STREAMS = 'http://etherx.jabber.org/streams';
const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const NS_SM = 'urn:xmpp:sm:3';

/** The features that the library may take up. SASL2 stays out: with it the server picks the resource, and a login no longer ends the account's session before. */
const WANTED: ReadonlySet<string> = new Set(['mechanisms', 'bind', 'sm']);

/** How much the connection as it stands may be told. */
export function isTrusted(client: Client, server: XmppServer): boolean {
  return client.isSecure() ? server.tls?.verify !== false : isLoopback(client.socket?.remoteAddress);
}

/** PLAIN where nobody can listen in (SCRAM costs some 65 ms of CPU a login here), SCRAM elsewhere. */
export function pickMechanism(offered: readonly string[], trusted: boolean): string {
  const mechanism = ['PLAIN', 'SCRAM-SHA-1'].find((name) => offered.includes(name) && (trusted || name !== 'PLAIN'));
  if (mechanism === undefined) {
    throw new SessionError(
      'unsupported',
      `no login mechanism that is safe here: the server offers ${offered.join(', ')}`,
    );
  }
  return mechanism;
}

/**
 * Looks at each list of stream features before the library does: takes it through STARTTLS with Foyer's own rules for
 * certificates, and insists on stream management, without which nothing is ever acknowledged.
 */
export function guideNegotiation(
  client: Client,
  server: XmppServer,
  domain: string,
  fail: (error: unknown) => void,
): void {
  client.prependListener('element', (element: Element) => {
    if (!element.is('features', NS_STREAMS)) {
      return;
    }
    const starttls = element.getChild('starttls', NS_TLS);
    if (
      !client.isSecure() &&
      starttls &&
      (starttls.getChild('required') || !isLoopback(client.socket?.remoteAddress))
    ) {
      element.children = [];
      upgrade(client, server, domain).catch(fail);
    } else if (element.getChild('bind', NS_BIND) && !element.getChild('sm', NS_SM)) {
      element.children = [];
      fail(new SessionError('unsupported', 'the server offers no stream management (XEP-0198): load mod_stream_mgmt'));
    } else {
      element.children = element.getChildElements().filter(({ name }) => WANTED.has(name));
    }
  });
}

/** STARTTLS (RFC 6120 5): a new stream over TLS on the same connection. */
async function upgrade(client: Client, server: XmppServer, domain: string): Promise<void> {
  const proceed = nextNonza(client, NS_TLS);
  await client.write(`<starttls xmlns='${NS_TLS}'/>`);
  if (!(await proceed).is('proceed')) {
    throw new SessionError('unreachable', 'the server refused STARTTLS');
  }
  const plain = client.socket as Socket;
  client._detachSocket();
  const secure = connectTls({ socket: plain, ...tlsOptions(server, domain) });
  await handshake(secure);
  client._attachSocket(Object.assign(secure, { secure: true }));
  await client.restart();
}

function handshake(secure: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      secure.off('secureConnect', succeed).off('error', settle).off('close', end);
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    };
    const succeed = () => settle();
    const end = () => settle(new Error('the connection ended during the TLS handshake'));
    secure.on('secureConnect', succeed).on('error', settle).on('close', end);
  });
}

function nextNonza(client: Client, xmlns: string): Promise<Element> {
  return new Promise((resolve) => {
    const listener = (element: Element) => {
      if (element.getNS() === xmlns) {
        client.off('nonza', listener);
        resolve(element);
      }
    };
    client.on('nonza', listener);
  });
}
