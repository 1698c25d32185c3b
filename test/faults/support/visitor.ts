import { createApi, type Api } from '../../../bridge/widget/core/api.js';
import { newId } from '../../../bridge/widget/core/new-id.js';
import type { Unsent } from '../../../bridge/widget/core/outbox.js';
import { createSession, type Session } from '../../../bridge/widget/core/session.js';
import { browserTimers } from '../../../bridge/widget/core/timers.js';
import type { Message, Visit } from '../../../bridge/widget/core/types.js';
import type { ToSite } from '../../../bridge/widget/protocol.js';
import { until } from '../../support/until.js';

const PAGE = { url: 'https://shop.example/pricing' };

/** A visitor's page: the widget's own core, over real HTTP, with a map in place of the browser's storage. */
export class Visitor {
  /** Texts that the bridge has refused, with the code: the page shows them as not sent. */
  readonly refused = new Map<string, string>();
  private readonly stored = new Map<string, Unsent>();
  private readonly api: Api;
  private token: string | null = null;
  private visit: Visit | null = null;
  private session: Session | null = null;
  /** Ends what the loaded page would do later. */
  private unload = new AbortController();

  /** @param base address of the bridge, as this page reaches it */
  constructor(
    base: string,
    readonly nick: string,
  ) {
    this.api = createApi(
      `${base}/visitor/v1/`,
      () => this.token,
      (input, init) => fetch(input, init),
    );
  }

  /** Views the page and begins to listen. */
  async arrive(): Promise<void> {
    this.visit = await this.api.call<Visit>('visits', { desk: 'main', page: PAGE, nick: this.nick });
    this.token = this.visit.token ?? this.token;
    this.open();
  }

  get id(): number {
    return this.visit?.visitor.id ?? 0;
  }

  get chatId(): number | null {
    return this.session?.picture().chat?.id ?? null;
  }

  /** What the window shows of the chat. */
  messages(): Message[] {
    return this.session?.picture().messages ?? [];
  }

  /** Texts that are still on their way to the bridge. */
  get unsent(): number {
    return [...this.stored.values()].filter(({ failed }) => failed === undefined).length;
  }

  say(text: string): void {
    this.session?.send(text);
  }

  /** Loads the page anew: everything but the storage is forgotten. What the old page had under way may still arrive. */
  async reload(): Promise<void> {
    this.leave();
    const visit = await until(
      () => this.api.call<Visit>('visits', { desk: 'main', page: PAGE }).catch(() => null),
      'the page view of a reload',
      60,
      200,
    );
    this.visit = visit;
    this.open();
  }

  /** Listens no more, and tries nothing again. */
  leave(): void {
    this.unload.abort();
    this.session?.watch(false);
    this.session?.listen(false);
  }

  private open(): void {
    const { visit, api } = this;
    if (!visit) return;
    const { signal } = (this.unload = new AbortController());
    const after = (ms: number, task: () => void) => browserTimers.after(ms, () => void (signal.aborted || task()));
    const session = createSession({
      ...{ api, newId, timers: { ...browserTimers, after }, desk: visit.desk, page: PAGE, nick: this.nick },
      tell: (message) => this.hear(message),
      renew: async () => undefined,
      onChange: () => undefined,
    });
    this.session = session;
    session.start(visit.chat, [...this.stored.values()], true);
    session.watch(true);
  }

  private hear(message: ToSite): void {
    if (message.type === 'drop') this.stored.delete(message.id);
    if (message.type !== 'put') return;
    this.stored.set(message.entry.id, message.entry);
    if (message.entry.failed !== undefined) this.refused.set(message.entry.text, message.entry.failed);
  }
}
