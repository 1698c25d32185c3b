import { StringDecoder } from 'node:string_decoder';
import type { Socket } from 'node:net';
import { client as makeLibraryClient, xml, type Client } from '@xmpp/client';
import type { AccountWithPassword } from '../../domain/accounts/account.js';
import { isTrusted, pickMechanism } from './negotiation.js';
import { DEFAULT_OPEN_TIMEOUT_MS, tlsOptions, type XmppServer } from './server.js';
import { SessionError } from './session-error.js';

/** One resource for all logins of an account: the server ends what an earlier login left behind. */
const RESOURCE = 'foyer';
/** The server forgets a lost stream after this time instead of holding it for a resumption that never comes. */
const RESUME_SECONDS = 1;
const TCP_KEEP_ALIVE_MS = 60_000;
const NO_USER_AGENT = xml('user-agent');

/** What the library needs for a login only: a connection that stays open takes 9 KB of heap without it, and 24 KB with it. */
const LOGIN_ONLY: Record<string, null> = {
  ...{ reconnect: null, tcp: null, websocket: null, tls: null, starttls: null, transports: null, resolve: null },
  ...{ middleware: null, streamFeatures: null, iqCaller: null, iqCallee: null, resourceBinding: null, entity: null },
  ...{ saslFactory: null, mechanisms: null, sasl: null, sasl2: null, bind2: null, fast: null, socketParameters: null },
};

/** A second connection over the same client object is never made. */
const refuseToConnect = () => Promise.reject(new SessionError('closed', 'this connection has been used'));

/** A client of the library that reads safely, never reconnects, and whose own acknowledgement requests are off. */
export function makeClient(
  account: Pick<AccountWithPassword, 'local' | 'host' | 'password'>,
  server: XmppServer,
  resource = RESOURCE,
): Client {
  const client = makeLibraryClient({
    service: server.service,
    domain: account.host,
    resource,
    timeout: server.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS,
    userAgent: NO_USER_AGENT,
    credentials: async (authenticate, offered) => {
      const mechanism = pickMechanism(offered, isTrusted(client, server));
      await authenticate({ username: account.local, password: account.password }, mechanism);
    },
  });
  client.reconnect.stop();
  client.streamManagement.preferredMaximum = RESUME_SECONDS;
  client.streamManagement.requestAckInterval = 0;
  readSafely(client);
  tuneSocket(client, server, account.host);
  return client;
}

/** Connects and opens the stream. Not the library's `start()`: an error during it would also reject a promise that nobody holds yet. */
export async function startClient(client: Client, service: string, domain: string): Promise<void> {
  const connected = client.connect(service);
  client.connect = refuseToConnect;
  await connected;
  await client.open({ domain });
}

/** After the bind: the library's listeners and the machinery of its login go. */
export function shedLogin(client: Client): void {
  client.removeAllListeners();
  Object.assign(client, LOGIN_ONLY);
}

/** Ends the connection at once, whatever state it is in. */
export function abandonClient(client: Client): void {
  client.removeAllListeners('element');
  client.connect = refuseToConnect;
  destroySocket(client);
}

/** The library splits characters that span two packets, and throws out of the socket's event at what it can't parse. */
function readSafely(client: Client): void {
  const decoder = new StringDecoder('utf8');
  client._onData = (data) => {
    try {
      client.parser?.write(decoder.write(data));
    } catch (error) {
      client.emit('error', error);
      destroySocket(client);
    }
  };
}

function tuneSocket(client: Client, server: XmppServer, domain: string): void {
  const original = client.socketParameters.bind(client);
  client.socketParameters = (service) => ({
    ...original(service),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    ...(service.startsWith('xmpps:') && tlsOptions(server, domain)),
  });
}

/** The library's TLS socket is a wrapper without `destroy`. */
function destroySocket({ socket }: Client): void {
  const inner = (socket as { socket?: Socket | null } | null)?.socket ?? socket;
  inner?.destroy();
}
