import { until } from './until.js';

export interface ChatJson {
  id: number;
  number: number;
  state: string;
  operator: { name: string } | null;
  last_number: number;
  seen: { visitor: number; operator: number };
  cursor: string;
}

export interface MessageJson {
  number: number;
  sender: string;
  name: string | null;
  text: string;
  state: string;
  created_at: string;
  corrected_at: string | null;
  client_message_id?: string;
}

export interface PageAnswer<T = Record<string, never>> {
  status: number;
  body: T;
  headers: Headers;
}

/** A visitor's page, as far as HTTP shows it. */
export class Page {
  token: string | undefined;
  visitorId = 0;

  /** @param always headers of each call */
  constructor(
    private readonly base: string,
    private readonly always: Record<string, string> = {},
  ) {}

  async call<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<PageAnswer<T>> {
    const response = await fetch(`${this.base}/visitor/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...this.always,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T, headers: response.headers };
  }

  /** A page view: makes the visitor with the first one. */
  async visit(details: Record<string, unknown> = {}): Promise<{ chat: ChatJson | null; visitor: { id: number } }> {
    const { status, body } = await this.call<{ token?: string; visitor: { id: number }; chat: ChatJson | null }>(
      'POST',
      '/visits',
      {
        desk: 'main',
        page: { url: 'https://shop.example/pricing' },
        ...details,
      },
    );
    if (status !== 200) throw new Error(`A page view was answered with ${status}: ${JSON.stringify(body)}`);
    this.token = body.token ?? this.token;
    this.visitorId = body.visitor.id;
    return body;
  }

  async startChat(text: string, details: Record<string, unknown> = {}): Promise<ChatJson> {
    const { status, body } = await this.call<{ chat: ChatJson }>('POST', '/chats', { desk: 'main', text, ...details });
    if (status > 201) throw new Error(`A chat was answered with ${status}: ${JSON.stringify(body)}`);
    return body.chat;
  }

  say(
    chatId: number,
    text: string,
    id: string = crypto.randomUUID(),
  ): Promise<PageAnswer<{ message: MessageJson; cursor: string }>> {
    return this.call('POST', `/chats/${chatId}/messages`, { client_message_id: id, text });
  }

  async messages(chatId: number): Promise<MessageJson[]> {
    const all: MessageJson[] = [];
    for (let more = true; more;) {
      const { status, body } = await this.call<{ messages: MessageJson[]; more: boolean }>(
        'GET',
        `/chats/${chatId}?after=${all.at(-1)?.number ?? 0}`,
      );
      if (status !== 200) throw new Error(`A chat's messages were answered with ${status}: ${JSON.stringify(body)}`);
      all.push(...body.messages);
      more = body.more;
    }
    return all;
  }

  async chat(chatId: number): Promise<ChatJson> {
    return (await this.call<{ chat: ChatJson }>('GET', `/chats/${chatId}`)).body.chat;
  }

  /** Waits until the chat's messages satisfy the condition, and gives them. */
  async untilMessages(
    chatId: number,
    what: string,
    holds: (messages: MessageJson[]) => boolean,
    seconds = 15,
  ): Promise<MessageJson[]> {
    return until(
      async () => {
        const messages = await this.messages(chatId);
        return holds(messages) ? messages : null;
      },
      what,
      seconds,
      // Within the limits that a page has where a test doesn't lift them.
      60,
    );
  }
}
