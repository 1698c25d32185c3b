import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  raw: string;
  body: { type: string; timestamp: string; instance: string; data: Record<string, unknown> };
}

/** A helpdesk's callback address: keeps what it gets, and answers as it is told to. */
export interface Receiver {
  url: string;
  port: number;
  received: Received[];
  /** How requests from now on are answered; a status, or by hand. */
  answer: number | ((response: ServerResponse, count: number) => void);
  connections: () => number;
  stop(): Promise<void>;
}

export async function startReceiver(port = 0): Promise<Receiver> {
  let connections = 0;
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      receiver.received.push({
        ...{ url: request.url ?? '', headers: request.headers, raw },
        body: JSON.parse(raw) as Received['body'],
      });
      count += 1;
      if (typeof receiver.answer === 'function') return receiver.answer(response, count);
      response.writeHead(receiver.answer).end('{}');
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${bound}/callback`,
    port: bound,
    received: [],
    answer: 200,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
