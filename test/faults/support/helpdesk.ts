import { createServer, type ServerResponse, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** How the helpdesk behaves. `silent`: takes the request and answers too late. */
export type Manner = 'well' | 'slow' | 'fails' | 'gone' | 'redirects' | 'truncates' | 'silent';

/** One callback about a message, as the helpdesk has kept it. */
export interface Heard {
  chatId: number;
  number: number;
  sender: string;
  text: string;
}

interface Callback {
  type: string;
  data: { chat?: { id: number }; message?: { number: number; sender: string; text: string } };
}

const SLOW_MS = 1_000;

/** A helpdesk's callback address: checks the signature with the reference library, keeps each `webhook-id` once, and can misbehave. */
export class Helpdesk {
  manner: Manner = 'well';
  /** In the order in which they came first. */
  readonly messages: Heard[] = [];
  /** Callbacks that came again under an id that it had kept. */
  repeated = 0;
  /** Callbacks whose signature wasn't right. */
  forged = 0;
  /** Texts that it answered with 410: they come late, sent again by hand. */
  readonly refusedForGood = new Set<string>();
  private readonly kept = new Set<string>();

  private constructor(
    private readonly server: Server,
    private readonly webhook: Webhook,
    /** A redirect or a late answer must be seen as a failure by the bridge. */
    private readonly silentMs: number,
  ) {}

  /** @param timeoutMs the bridge's; silence lasts twice as long */
  static async open(secret: string, timeoutMs: number): Promise<Helpdesk> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        helpdesk.take(Buffer.concat(chunks).toString('utf8'), headers, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const helpdesk: Helpdesk = new Helpdesk(server, new Webhook(secret), 2 * timeoutMs);
    return helpdesk;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private take(body: string, headers: Record<string, string>, response: ServerResponse): void {
    response.on('error', () => undefined);
    const id = headers['webhook-id'] ?? '';
    let callback: Callback;
    try {
      callback = this.webhook.verify(body, headers) as Callback;
    } catch {
      this.forged += 1;
      return void response.writeHead(401).end();
    }
    switch (this.manner) {
      case 'well':
        this.keep(id, callback);
        return void response.writeHead(204).end();
      case 'slow':
        return void setTimeout(() => {
          this.keep(id, callback);
          response.writeHead(200).end('{}');
        }, SLOW_MS);
      case 'fails':
        return void response.writeHead(500).end('trouble');
      case 'gone':
        if (callback.data.message) this.refusedForGood.add(callback.data.message.text);
        return void response.writeHead(410).end();
      case 'redirects':
        return void response.writeHead(307, { location: `http://127.0.0.1:${this.port}/elsewhere` }).end();
      case 'truncates':
        // It has the callback, and the answer breaks off before its head is whole: the bridge can't know, and sends it again.
        this.keep(id, callback);
        response.socket?.write('HTTP/1.1 200 OK\r\ncontent-le');
        return void response.socket?.destroy();
      case 'silent':
        this.keep(id, callback);
        return void setTimeout(() => response.writeHead(200).end(), this.silentMs);
    }
  }

  private keep(id: string, { data }: Callback): void {
    if (this.kept.has(id)) {
      this.repeated += 1;
      return;
    }
    this.kept.add(id);
    if (data.chat === undefined || data.message === undefined) return;
    const { number, sender, text } = data.message;
    this.messages.push({ chatId: data.chat.id, number, sender, text });
  }
}
