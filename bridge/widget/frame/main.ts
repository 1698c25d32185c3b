import { createApi } from '../core/api.js';
import { newId } from '../core/new-id.js';
import { createSession, type Session } from '../core/session.js';
import { browserTimers } from '../core/timers.js';
import { post, receive, type Shown, type ToFrame, type ToSite } from '../protocol.js';
import { createView, type View } from './view.js';

const RENEW_MS = 30_000; // the page around may be gone, or the bridge away: then the call that needed the token tries again

function start(site: string): void {
  let token = '';
  let session: Session | null = null;
  let view: View | null = null;
  let how: Shown = 'closed';
  let renewing: Promise<void> | null = null;
  let renewed: (() => void) | null = null;

  const tell = (message: ToSite): void => post(window.parent, site, message);

  function renew(): Promise<void> {
    renewing ??= new Promise((resolve) => {
      setTimeout(resolve, RENEW_MS);
      renewed = resolve;
      tell({ type: 'unauthorized', token });
    });
    return renewing.finally(() => (renewing = null));
  }

  function show(next: Shown, focus: boolean): void {
    how = next;
    document.body.className = how;
    session?.watch(how === 'open' && !document.hidden);
    if (focus) view?.focus();
  }

  /** In the small window it turns an invitation down; the large one it only puts away. */
  function close(): void {
    if (how === 'peek' && session?.picture().chat?.state === 'invited') void session.end().catch(() => undefined);
    tell({ type: 'open', open: false });
  }

  function hello(message: Extract<ToFrame, { type: 'hello' }>): void {
    const base = new URL('/visitor/v1/', location.href).href;
    const api = createApi(
      base,
      () => token,
      (input, init) => fetch(input, init),
    );
    token = message.token;
    const made = createSession({
      ...message,
      api,
      timers: browserTimers,
      newId,
      tell,
      renew,
      onChange: () => view?.render(made.picture()),
    });
    session = made;
    view = createView({
      ...message,
      session: made,
      onDraft: (text) => tell({ type: 'draft', text }),
      onOpen: () => tell({ type: 'open', open: true }),
      onClose: close,
    });
    made.start(message.chat, message.unsent, message.listen);
    view.render(made.picture());
    show(message.how, message.focus);
  }

  function takeToken(next: string): void {
    if (next && next !== token) {
      token = next;
      session?.forget();
    }
    renewed?.();
  }

  addEventListener('message', (event) => {
    const message = receive<ToFrame>(event, window.parent, site);
    if (!message) return;
    switch (message.type) {
      case 'hello':
        return session ?? hello(message);
      case 'token':
        return takeToken(message.token);
      case 'show':
        return show(message.how, message.focus);
      case 'listen':
        return session?.listen(message.on);
      case 'visit':
        return session?.visited(message.desk, message.chat, message.page);
      case 'unsent':
        return session?.merge(message.put, message.dropped);
      case 'seen':
        return session?.seenElsewhere(message.chat, message.number);
    }
  });
  addEventListener('online', () => session?.wake(false));
  addEventListener('pageshow', (event) => {
    if (event.persisted) session?.wake(false);
  });
  document.addEventListener('visibilitychange', () => {
    show(how, false);
    if (!document.hidden) session?.wake(true);
  });
  tell({ type: 'ready' });
}

const site = new URLSearchParams(location.search).get('origin');
if (site && window.parent !== window) start(site);
