import { ApiError, type Api } from '../../../bridge/widget/core/api.js';
import type { Chat, FeedEvent, Message } from '../../../bridge/widget/core/types.js';

/** An open stream at the fake bridge. */
export interface FakeStream {
  /** Last-Event-ID of the request. */
  cursor: string | undefined;
  aborted(): boolean;
  write(text: string): void;
  send(event: FeedEvent): void;
  end(): void;
}

export interface FakeCall {
  path: string;
  body: unknown;
  /** Resolves the call. */
  answer(body: unknown): void;
  refuse(status: number, code: string, retryAfter?: number): void;
}

/** A bridge in memory, behind the widget's own client: calls wait until the test answers them, unless `auto` does. */
export interface FakeBridge {
  api: Api;
  streams: FakeStream[];
  calls: FakeCall[];
  /** Answers calls at once; undefined leaves the call waiting. */
  auto: (path: string, body: unknown) => unknown;
  /** What an attempt to open a stream does instead. */
  streaming: 'open' | 'mute' | 'unreachable' | 'unauthorized' | 'html';
  /** Calls below this path that wait for an answer. */
  waiting(path: string): FakeCall[];
}

export function fakeBridge(): FakeBridge {
  const bridge: FakeBridge = {
    streams: [],
    calls: [],
    streaming: 'open',
    auto: () => undefined,
    waiting: (path) => bridge.calls.filter((call) => call.path.startsWith(path)),
    api: { open, call },
  };

  function open(
    _path: string,
    _body?: object,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    if (bridge.streaming === 'unreachable') return Promise.reject(new ApiError(0, 'network'));
    if (bridge.streaming === 'unauthorized') return Promise.reject(new ApiError(401, 'token_invalid'));
    if (bridge.streaming === 'html')
      return Promise.resolve(new Response('<html>', { headers: { 'content-type': 'text/html' } }));
    return new Promise((resolve, reject) => {
      const encoder = new TextEncoder();
      let control: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void (control = controller) });
      const write = (text: string): void => control?.enqueue(encoder.encode(text));
      signal?.addEventListener('abort', () => {
        reject(new ApiError(0, 'network'));
        control?.error(new Error('aborted'));
      });
      bridge.streams.push({
        cursor: headers['last-event-id'],
        aborted: () => signal?.aborted === true,
        write,
        send: (event) => write(`id: ${event.cursor}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`),
        end: () => control?.close(),
      });
      if (bridge.streaming === 'mute') return;
      write('retry: 2000\n\n');
      resolve(new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } }));
    });
  }

  function call<T>(path: string, body?: object, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        bridge.calls = bridge.calls.filter((other) => other !== made);
      };
      const made: FakeCall = {
        path,
        body,
        answer(answer) {
          done();
          resolve(answer as T);
        },
        refuse(status, code, retryAfter) {
          done();
          reject(new ApiError(status, code, retryAfter));
        },
      };
      signal?.addEventListener('abort', () => made.refuse(0, 'network'));
      bridge.calls.push(made);
      const answer = bridge.auto(path, body);
      if (answer instanceof ApiError) made.refuse(answer.status, answer.code, answer.retryAfter);
      else if (answer !== undefined) made.answer(answer);
    });
  }

  return bridge;
}

export function buildChat(change: Partial<Chat> = {}): Chat {
  return {
    id: 7,
    number: 7,
    state: 'active',
    operator: { name: 'Anna' },
    created_at: '2026-11-21T10:00:00.000Z',
    closed_at: null,
    last_number: 0,
    rating: null,
    seen: { visitor: 0, operator: 0 },
    ...change,
  };
}

export function buildMessage(number: number, change: Partial<Message> = {}): Message {
  return {
    number,
    sender: 'operator',
    name: 'Anna',
    text: `text ${number}`,
    state: 'stored',
    created_at: '2026-11-21T10:00:00.000Z',
    corrected_at: null,
    ...change,
  };
}

export function messageEvent(at: number, message: Message, chat = 7): FeedEvent {
  return { cursor: `${chat}.${at}`, chat, kind: 'message', data: { message } };
}

export function chatEvent(at: number, chat: Chat | null): FeedEvent {
  return { cursor: `${chat?.id ?? 0}.${at}`, chat: chat?.id ?? null, kind: 'chat', data: { chat } };
}
