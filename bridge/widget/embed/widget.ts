import type { Api } from '../core/api.js';
import { fill } from '../core/fill.js';
import type { Timers } from '../core/timers.js';
import { isOpen, type Page, type Visit } from '../core/types.js';
import type { Shown, Strings, ToSite } from '../protocol.js';
import { createChatWindow } from './chat-window.js';
import { createDoorbell } from './doorbell.js';
import { createLauncher } from './launcher.js';
import type { Store } from './store.js';
import { takeTurns } from './turn.js';
import type { Visits } from './visits.js';

export interface WidgetOptions {
  api: Api;
  timers: Timers;
  store: Store;
  visits: Visits;
  /** Address of the frame; names the desk and the site. */
  address: URL;
  nick: string | undefined;
  language: string;
  strings: Strings;
  visit: Visit;
  page: Page;
}

export interface Widget {
  /** A page view was answered. @param other to somebody who isn't to see what the page had before */
  visited(visit: Visit, page: Page, other: boolean): void;
  /** Opens or closes the window; the other way round when `open` is left out. */
  toggle(open?: boolean): void;
}

/** Launcher and window on the site's page, and what they tell each other. One listener a tab: the doorbell until the frame takes over. */
export function createWidget(options: WidgetOptions): Widget {
  const { api, timers, store, visits, address, nick, language, strings } = options;
  let { visit, page } = options;
  let how: Shown = 'closed';
  let focus = false;
  let unread = 0;
  let newest = '';
  let listen = true;

  const title = fill(strings.window, { desk: visit.desk.name });
  const frame = createChatWindow(address, title, fromFrame);
  const launcher = createLauncher(strings, title, () => toggle());
  const doorbell = createDoorbell({
    api,
    timers,
    onRing: frame.load,
    onUnauthorized: () => visits.renew(store.token() ?? ''),
  });
  launcher.root.prepend(frame.box);

  function show(next: Shown, byVisitor: boolean): void {
    how = next;
    if (how !== 'closed') launcher.root.hidden = false;
    focus = byVisitor && how === 'open';
    frame.show(how, focus);
    launcher.show(unread, how === 'open');
  }

  function toggle(open = how !== 'open'): void {
    if (open === (how === 'open') && how !== 'peek') return; // the small window can be both opened and closed
    store.setOpen(open);
    if (!open) store.setDismissed(newest);
    show(open ? 'open' : 'closed', true);
    if (!open) launcher.focus();
  }

  function fromFrame(message: ToSite): void {
    switch (message.type) {
      case 'ready':
        doorbell.stop();
        return frame.tell({
          type: 'hello',
          token: store.token() ?? '',
          desk: visit.desk,
          chat: visit.chat,
          page,
          nick,
          language,
          strings,
          draft: store.draft(),
          unsent: store.unsent(),
          how,
          focus,
          listen,
        });
      case 'put':
        return store.put(message.entry);
      case 'drop':
        return store.drop(message.id);
      case 'draft':
        return store.setDraft(message.text);
      case 'seen':
        return store.setSeen(message.chat, message.number);
      case 'unread':
        unread = message.count;
        newest = message.newest;
        if (how === 'open') return;
        return show(newest && newest !== store.dismissed() ? 'peek' : 'closed', false);
      case 'open':
        return toggle(message.open);
      case 'go':
        return location.assign(message.url);
      case 'unauthorized':
        void visits.renew(message.token).then(() => frame.tell({ type: 'token', token: store.token() ?? '' }));
    }
  }

  /** Sites that put another body in place take the launcher away with the old one. */
  function attach(): void {
    if (!launcher.root.isConnected) document.body.append(launcher.root);
    launcher.root.hidden = !visit.desk.shown && !isOpen(visit.chat);
  }

  /** Listens for a chat, unless the frame does or there is something for the frame to do. */
  function ring(): void {
    if (isOpen(visit.chat) || visit.desk.greeting || store.unsent().length) frame.load();
    if (listen && !frame.ready()) doorbell.start();
    else doorbell.stop();
  }

  /** Nothing of whoever was here before stays to be seen. */
  function renew(): void {
    unread = 0;
    newest = '';
    frame.renew();
    show(how === 'open' ? 'open' : 'closed', false);
    ring();
  }

  store.watch((message) => {
    // Another tab has signed somebody in or out; or two that were opened at once became two visitors, and all go on as the one whose token stayed.
    if (message.type === 'token') renew();
    else frame.tell(message);
  });
  takeTurns(address.href, (turn) => {
    listen = turn;
    frame.tell({ type: 'listen', on: listen });
    ring();
  });
  addEventListener('online', ring);
  addEventListener('pageshow', (event) => {
    if (event.persisted) ring();
  });

  // A window that fills the screen would hide the page that the visitor has just asked for.
  show(store.open() && innerWidth > 480 ? 'open' : 'closed', false);
  attach();
  ring();

  return {
    toggle,
    visited(now, where, other) {
      visit = now;
      page = where;
      if (other) renew();
      attach();
      if (isOpen(visit.chat) || visit.desk.greeting) frame.load();
      frame.tell({ type: 'visit', desk: visit.desk, chat: visit.chat, page });
    },
  };
}
