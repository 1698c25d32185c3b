import { createSseParser } from '../core/sse-parser.js';
import type { Overview, OverviewChange } from './types.js';

/** A refusal of the bridge, in its own words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
    /** Nobody is signed in by this any more, or it may not come in here. */
    readonly ofSignIn: boolean,
  ) {
    super(detail);
  }
}

/** By what somebody is signed in: an API key that is pasted, or a session in a cookie, whose proof goes with each change. */
export type Credential = { key: string } | { proof: string };

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Longer than the bridge is ever silent: it says every 15 s that it is there. */
const SILENCE_MS = 40_000;
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export interface Heard {
  whole: (overview: Overview) => void;
  change: (change: OverviewChange) => void;
  /** Whether what is shown is as it is now. */
  live: (is: boolean) => void;
}

/** The bridge's API: helpdesks' with a key, the part that supervisors may call with a session. */
export class Api {
  constructor(private readonly credential: Credential) {}

  async call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await this.fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /**
   * Calls back with each overview until `signal`, over all losses of the connection.
   * @param department id of the only one that is told of; empty: all
   * @throws Refusal of whoever is signed in
   */
  async listen(department: string, heard: Heard, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ changes: 'true', ...(department === '' ? {} : { department }) });
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await this.stream(`/overview?${query}`, signal, (told) => {
          tries = 0;
          heard.live(true);
          if ('chats_gone' in told) heard.change(told);
          else heard.whole(told);
        });
      } catch (error) {
        if (error instanceof Refusal && error.ofSignIn) throw error;
      }
      if (signal.aborted) return;
      heard.live(false);
      await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0, signal);
    }
  }

  private async stream(
    path: string,
    signal: AbortSignal,
    heard: (told: Overview | OverviewChange) => void,
  ): Promise<void> {
    const silent = new AbortController();
    const end = () => silent.abort();
    signal.addEventListener('abort', end);
    let timer = setTimeout(end, SILENCE_MS);
    try {
      const answer = await this.fetch(path, { headers: { accept: 'text/event-stream' }, signal: silent.signal });
      const parse = createSseParser((data) => heard(JSON.parse(data) as Overview | OverviewChange));
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
    const { credential } = this;
    const own =
      'key' in credential ? { authorization: `Bearer ${credential.key}` } : { 'x-foyer-proof': credential.proof };
    const base = 'key' in credential ? '/api/v1' : '/supervisor/v1';
    const credentials = 'key' in credential ? 'omit' : 'same-origin';
    const headers = { ...(init.headers as Record<string, string>), ...own };
    const response = await fetch(base + path, { ...init, headers, cache: 'no-store', credentials });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { detail?: string };
    const { status } = response;
    // A key may be of another scope; what a supervisor may not do is no end of the session.
    const ofSignIn = status === 401 || (status === 403 && path.startsWith('/overview'));
    throw new Refusal(status, problem.detail ?? `The bridge answered ${status}.`, ofSignIn);
  }
}

/** What to say of anything that went wrong. */
export function wordOn(error: unknown): string {
  return error instanceof Refusal ? error.message : 'The bridge can’t be reached. Try again.';
}

/** At least as long as the bridge is busy with something else, and never all pages at once. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds * (0.75 + Math.random() / 2));
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
