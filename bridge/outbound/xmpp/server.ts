import { isIP } from 'node:net';

/** The XMPP server that sessions are opened on. */
export interface XmppServer {
  /** `xmpp://host:port` (STARTTLS, except over loopback where plain text does) or `xmpps://host:port` (TLS at once). */
  service: string;
  tls?: {
    /** Whether the certificate must be valid for the virtual host. Defaults to true; without it passwords go by SCRAM only. */
    verify?: boolean;
    /** PEM of the authority that signed it, where that isn't one of the public ones. */
    ca?: string;
  };
  /** Milliseconds for opening a stream; a login opens two or three. At least, and by default, 10,000: a server under a storm of logins is slow. */
  openTimeoutMs?: number;
}

export const DEFAULT_OPEN_TIMEOUT_MS = 10_000;

/** Over loopback nobody listens in: passwords may go as they are. Takes an address, as the connected socket tells it. */
export function isLoopback(address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:/i, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** What TLS is checked against. */
export function tlsOptions(
  server: XmppServer,
  domain: string,
): { servername: string; rejectUnauthorized: boolean; ca?: string } {
  return {
    servername: domain,
    rejectUnauthorized: server.tls?.verify !== false,
    ...(server.tls?.ca !== undefined && { ca: server.tls.ca }),
  };
}
