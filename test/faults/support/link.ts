import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * A piece of network between two parts: what connects to its port is connected to the target. Cut, it drops every connection and refuses new ones; stalled, it
 * carries nothing either way while all connections seem to be there, as with a router that has gone.
 */
export class Link {
  private readonly ends = new Set<Socket>();
  private state: 'up' | 'cut' | 'stalled' = 'up';

  private constructor(
    readonly name: string,
    private readonly server: Server,
  ) {}

  /** @param target port on loopback; asked for at each connection */
  static async open(name: string, target: () => number): Promise<Link> {
    const server = createServer({ pauseOnConnect: true }, (near) => link.join(near, target()));
    await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
    const link: Link = new Link(name, server);
    return link;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Drops what is connected, once; who was connected may come again at once. */
  drop(): void {
    for (const end of this.ends) end.resetAndDestroy();
  }

  cut(): void {
    this.state = 'cut';
    this.drop();
  }

  stall(): void {
    this.state = 'stalled';
    for (const end of this.ends) end.pause();
  }

  mend(): void {
    const stalled = this.state === 'stalled';
    this.state = 'up';
    if (stalled) for (const end of this.ends) end.resume();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(near: Socket, port: number): void {
    if (this.state === 'cut') return void near.resetAndDestroy();
    const far = connect({ host: '127.0.0.1', port });
    this.couple(near, far);
    this.couple(far, near);
    if (this.state === 'up') near.resume();
    else far.pause();
  }

  private couple(from: Socket, to: Socket): void {
    this.ends.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (to.write(chunk)) return;
      from.pause();
      to.once('drain', () => {
        if (this.state === 'up') from.resume();
      });
    });
    from.on('end', () => to.end());
    from.on('error', () => undefined);
    from.on('close', () => {
      this.ends.delete(from);
      to.destroy();
    });
  }
}
