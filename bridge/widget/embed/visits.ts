import { type Api, ApiError } from '../core/api.js';
import { backoff } from '../core/backoff.js';
import type { Timers } from '../core/timers.js';
import type { Page, Visit } from '../core/types.js';
import type { Store } from './store.js';

const REPEAT_MS = 120_000; // the bridge counts a visitor as gone some minutes after the last sign

export interface VisitsOptions {
  api: Api;
  timers: Timers;
  store: Store;
  /** What each visit says besides the page; what is undefined isn't sent. */
  about: {
    desk: string;
    instance?: string;
    nick: string | undefined;
    email?: string;
    identity: string | undefined;
    language: string;
  };
  visible: () => boolean;
  /** @param other the visitor isn't who the page had before */
  onVisit(visit: Visit, page: Page, other: boolean): void;
  /** The bridge will never take this page's visits. */
  onRefused(code: string): void;
}

export interface Visits {
  /** The visitor came to a page. */
  view(page: Page): void;
  /** The page came to the front. */
  front(): void;
  /** The site has signed somebody in or out, or has a fresh identity. */
  identify(identity: string | undefined): void;
  /** Has the bridge look at `token` again, and gets another, unless another tab has replaced it already. Never rejects. */
  renew(token: string): Promise<void>;
}

/** Only one tab at a time makes a visitor, or two tabs opened at once would be two visitors. */
function exclusive<T>(name: string, task: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? (navigator.locks.request(name, task) as Promise<T>) : task();
}

/** Tells the bridge of page views, and every two minutes while the page is in front, and holds on to the visitor's token. */
export function createVisits(options: VisitsOptions): Visits {
  const { api, timers, store } = options;
  let page: Page | null = null;
  let told = 0;
  let refused = false;
  let run = 0;

  async function visit(where: Page): Promise<void> {
    const { identity } = options.about;
    const send = async (): Promise<Visit> => {
      const answer = await api.call<Visit>('visits', { ...options.about, page: where });
      // What was asked for somebody who has signed out meanwhile is nobody's.
      if (identity !== options.about.identity) throw new ApiError(0, '');
      if (answer.token) {
        const { id } = answer.visitor;
        // What a guest hasn't sent comes along only where the guest does.
        if (identity && store.token() && store.visitor() !== `${id}`) store.forget();
        store.setVisitor(id);
        store.setToken(answer.token);
      }
      return answer;
    };
    const first = (): Promise<Visit> => exclusive(`foyer:visitor:${options.about.desk}`, send);
    const token = store.token();
    let other = !!token && !!identity;
    const answer = await (token ? send() : first()).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 401 || !token) throw error;
      if (store.token() === token) {
        if (error.code === 'identity_changed') {
          store.forget();
          other = true;
        } else store.setToken(null);
      }
      return first();
    });
    options.onVisit(answer, where, other && !!answer.token);
  }

  /** Tries until the bridge has the newest page view; an older one that still waits is dropped. */
  async function tell(): Promise<void> {
    const mine = (run += 1);
    for (let failures = 1; page && mine === run && !refused; failures += 1) {
      try {
        await visit(page);
        told = timers.now();
        if (mine === run) again();
        return;
      } catch (error) {
        const { status, code, retryAfter } = error instanceof ApiError ? error : new ApiError(0, 'network');
        if (status >= 400 && status < 500 && ![401, 408, 429].includes(status)) {
          refused = true;
          return options.onRefused(code);
        }
        await new Promise<void>((resolve) =>
          timers.after(Math.max(retryAfter, backoff(failures, timers.random)), resolve),
        );
      }
    }
  }

  function again(): void {
    const mine = run;
    timers.after(REPEAT_MS, () => {
      if (mine !== run) return;
      if (options.visible()) void tell();
      else again();
    });
  }

  return {
    view(where) {
      page = where;
      void tell();
    },
    identify(identity) {
      options.about.identity = identity;
      refused = false;
      void tell();
    },
    front() {
      if (page && timers.now() - told >= REPEAT_MS) void tell();
    },
    async renew(token) {
      if (store.token() === token) await tell();
    },
  };
}
