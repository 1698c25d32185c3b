import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Addresses of the private stack: it never listens anywhere else. */
export const LOOPBACK = '127.0.0.1';

/** Says whether a TCP port (1..65535) can be listened on at the loopback address right now. */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: LOOPBACK, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Below 32,768, where the kernel takes the near ends of outgoing connections from: those would take our port while we restart. */
const QUIET_PORTS = { from: 15_000, to: 31_999 };
const PICKS = 20;

/** A loopback TCP port that nobody listens on, picked at random so that two callers at once get different ones. */
export async function freePort(): Promise<number> {
  for (let picks = 0; picks < PICKS; picks += 1) {
    const port = randomInt(QUIET_PORTS.from, QUIET_PORTS.to + 1);
    if (await isPortFree(port)) return port;
  }
  return anyPort();
}

async function anyPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: LOOPBACK, port: 0 }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** How many ports above the wished one are tried before the system's choice is taken. */
const NEIGHBOURS = 50;

/**
 * The wished port if it is free, else the next free one above it (said through `onTaken`), else any free one.
 * `reserved` are ports promised to somebody else of the same stack that doesn't listen yet.
 */
export async function claimPort(
  wished: number,
  options: { reserved?: ReadonlySet<number>; onTaken?: (wished: number, got: number) => void } = {},
): Promise<number> {
  const reserved = options.reserved ?? new Set<number>();
  for (let port = wished; port <= Math.min(wished + NEIGHBOURS, 65_535); port += 1) {
    if (reserved.has(port) || !(await isPortFree(port))) continue;
    if (port !== wished) options.onTaken?.(wished, port);
    return port;
  }
  const got = await freePort();
  options.onTaken?.(wished, got);
  return got;
}
