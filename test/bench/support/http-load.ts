import { connect, type Socket } from 'node:net';

export interface LoadAnswer {
  status: number;
  body: string;
}

/**
 * One kept HTTP/1.1 connection, one request at a time: as little work on this side as possible, since the load generator shares the machine with what is
 * measured. Understands answers with a Content-Length, which is what the bridge and ejabberd send.
 */
export class HttpConnection {
  private received = '';
  private waiting: { resolve: (answer: LoadAnswer) => void; reject: (error: Error) => void } | null = null;

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
  ) {
    socket.setNoDelay(true);
    // Latin-1 counts as many characters as bytes.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.read(text));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  static async open(url: string): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new HttpConnection(socket, host);
  }

  post(path: string, body: unknown, authorization: string): Promise<LoadAnswer> {
    return this.send('POST', path, JSON.stringify(body), authorization);
  }

  get(path: string, authorization: string): Promise<LoadAnswer> {
    return this.send('GET', path, null, authorization);
  }

  close(): void {
    this.socket.destroy();
  }

  private send(method: string, path: string, body: string | null, authorization: string): Promise<LoadAnswer> {
    const auth = authorization === '' ? '' : `authorization: ${authorization}\r\n`;
    const about =
      body === null ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.host}\r\n${auth}${about}\r\n${body ?? ''}`);
    });
  }

  private read(text: string): void {
    this.received += text;
    const end = this.received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.received.slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    const body = Buffer.from(this.received.slice(end + 4, end + 4 + length), 'latin1').toString('utf8');
    this.received = this.received.slice(end + 4 + length);
    const { waiting } = this;
    this.waiting = null;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
    this.waiting = null;
  }
}
