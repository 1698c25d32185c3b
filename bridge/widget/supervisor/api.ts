import { createSseParser } from '../core/sse-parser.js';
import type { Overview } from './types.js';

/** A refusal of the bridge, in its own words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }

  /** The key is no good here: nothing will go on with it. */
  get ofKey(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** Longer than the bridge is ever silent: it says every 15 s that it is there. */
const SILENCE_MS = 40_000;
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** The bridge's API, with one key that goes nowhere but into the header of each call. */
export class Api {
  constructor(private readonly key: string) {}

  async call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await this.fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  /**
   * Calls back with each overview until `signal`, over all losses of the connection.
   * @param onLive whether what is shown is as it is now
   * @throws Refusal of the key
   */
  async listen(onOverview: (overview: Overview) => void, onLive: (live: boolean) => void, signal: AbortSignal) {
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await this.stream((overview) => {
          tries = 0;
          onLive(true);
          onOverview(overview);
        }, signal);
      } catch (error) {
        if (error instanceof Refusal && error.ofKey) throw error;
      }
      if (signal.aborted) return;
      onLive(false);
      await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0, signal);
    }
  }

  private async stream(onOverview: (overview: Overview) => void, signal: AbortSignal): Promise<void> {
    const silent = new AbortController();
    const end = () => silent.abort();
    signal.addEventListener('abort', end);
    let timer = setTimeout(end, SILENCE_MS);
    try {
      const answer = await this.fetch('/overview', { headers: { accept: 'text/event-stream' }, signal: silent.signal });
      const parse = createSseParser((data) => onOverview(JSON.parse(data) as Overview));
      const decoder = new TextDecoder();
      const reader = answer.body?.getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        clearTimeout(timer);
        timer = setTimeout(end, SILENCE_MS);
        parse(decoder.decode(part.value, { stream: true }));
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.key}` };
    const response = await fetch(`/api/v1${path}`, { ...init, headers, cache: 'no-store', credentials: 'omit' });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new Refusal(response.status, problem.detail ?? `The bridge answered ${response.status}.`);
  }
}

/** What to say of anything that went wrong. */
export function wordOn(error: unknown): string {
  return error instanceof Refusal ? error.message : 'The bridge can’t be reached. Try again.';
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds * (0.75 + Math.random() / 2));
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
