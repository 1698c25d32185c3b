/** The part of @xmpp/client 0.14 (which ships no types) that Foyer uses. */
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  type Attributes = Record<string, string | undefined>;
  type Child = Element | string;

  class Element {
    name: string;
    attrs: Record<string, string>;
    children: Child[];
    parent: Element | null;
    is(name: string, xmlns?: string): boolean;
    getNS(): string | undefined;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildText(name: string, xmlns?: string): string | null;
    getChildElements(): Element[];
    getChildren(name: string, xmlns?: string): Element[];
    append(...children: Child[]): this;
    text(): string;
    toString(): string;
    /** Gives its text piece by piece. */
    write(take: (piece: string) => void): void;
  }

  type Authenticate = (credentials: { username: string; password: string }, mechanism: string) => Promise<void>;

  interface ClientOptions {
    service: string;
    domain: string;
    /** Made up by the server where it is left out. */
    resource?: string;
    credentials: (authenticate: Authenticate, mechanisms: string[]) => Promise<void>;
    /** Milliseconds for each of: opening the stream, closing the stream, closing the socket. */
    timeout?: number;
    /** Named in SASL2 logins; made up for each client where it is left out. */
    userAgent?: Element;
  }

  interface Client extends EventEmitter {
    socket: (Socket & { secure: boolean }) | null;
    reconnect: { stop(): void };
    streamManagement: {
      inbound: number;
      preferredMaximum: number | null;
      /** Milliseconds; 0 turns its own requests for acknowledgement off. */
      requestAckInterval: number;
    };
    /** Connects and logs in; `stop` undoes it. A simple client's way: an error during `start` may go unhandled. */
    start(): Promise<{ toString(): string }>;
    stop(): Promise<unknown>;
    send(element: Element): Promise<void>;
    connect(service: string): Promise<void>;
    open(options: { domain: string }): Promise<void>;
    restart(): Promise<void>;
    write(text: string): Promise<void>;
    isSecure(): boolean;
    socketParameters(service: string): object | undefined;
    _onData(data: Buffer): void;
    _attachSocket(socket: Socket): void;
    _detachSocket(): void;
    parser: { write(text: string): void } | null;
  }

  function client(options: ClientOptions): Client;
  function xml(name: string, attributes?: Attributes | null, ...children: (Child | undefined | false)[]): Element;

  export { client, xml };
  export type { Client, Element };
}
