import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { decodeSecret, signWebhook } from '../../../bridge/shared/webhook-signature.js';

export interface Call {
  method: string;
  /** Goes out as it is. */
  path: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

export interface Answered {
  status: number;
  type: string;
  text: string;
}

/** One of the bridge's doors as a program meets it that minds no rules: nothing of a call is put right on its way. */
export class Door {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });

  constructor(private readonly base: string) {}

  call({ method, path, headers = {}, body }: Call): Promise<Answered> {
    // Without it the body of a GET would look like the next call.
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const sent = request(
        this.base,
        { agent: this.agent, method, path, headers: { ...length, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers['content-type']?.split(';')[0] ?? '',
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** The headers that mod_foyer would send with this body. */
export function signed(
  secret: string,
  body: Buffer | string,
  { id = 'batch-1', secondsAgo = 0 }: { id?: string; secondsAgo?: number } = {},
): Record<string, string> {
  const key = decodeSecret(secret);
  if (!key) throw new Error('This is no secret');
  const at = Math.floor(Date.now() / 1000) - secondsAgo;
  return { 'content-type': 'application/json', ...signWebhook([key], id, at, Buffer.from(body)) };
}

/** A connection over which bytes are written as a test likes. */
export class RawConnection {
  received = '';
  over = false;
  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => void (this.received += chunk.toString()));
    socket.on('error', () => undefined);
    socket.once('close', () => void (this.over = true));
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawConnection(socket);
  }

  write(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  /** Writes one piece after the other for as long as the other side listens. */
  drip(pieces: string, everyMs: number): void {
    let i = 0;
    const timer = setInterval(() => {
      if (this.over) clearInterval(timer);
      else this.socket.write(pieces[i++ % pieces.length] ?? ' ');
    }, everyMs);
    this.socket.once('close', () => clearInterval(timer));
  }

  end(): void {
    this.socket.destroy();
  }
}

/** The status and the problem's code of the last answer that a raw connection got. */
export function lastAnswer(received: string): { status: number; code: string | undefined } {
  const status = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].at(-1)?.[1];
  return { status: Number(status ?? 0), code: [...received.matchAll(/"code":"(\w+)"/g)].at(-1)?.[1] };
}
