import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The network between the visitor's browser and the bridge, which a test can cut. */
export interface Relay {
  /** Address that stands for the bridge. */
  url: string;
  /** Ends every connection and lets no other through. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function relay(bridge: string): Promise<Relay> {
  const { hostname, port } = new URL(bridge);
  const open = new Set<Socket>();
  let broken = false;
  const server = createServer((near) => {
    if (broken) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      broken = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      broken = false;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
