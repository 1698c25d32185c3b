import type { Page } from '../core/types.js';

const TITLE_MS = 300; // single-page sites set the new title after the new address

/** The page as the bridge is told, cut to what it takes. */
export function describePage(referrer: string): Page {
  return {
    url: location.href.slice(0, 2000),
    ...(document.title ? { title: document.title.slice(0, 200) } : {}),
    ...(referrer ? { referrer: referrer.slice(0, 2000) } : {}),
  };
}

/** Calls back after each change of address within the page, with the address before; changes of the fragment alone don't count. */
export function watchRoutes(onView: (referrer: string) => void): void {
  const address = (): string => location.href.replace(/#(?![!/]).*/, '');
  let last = address();
  const check = (): void => {
    const now = address();
    if (now === last) return;
    const referrer = last;
    last = now;
    setTimeout(onView, TITLE_MS, referrer);
  };
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = function (this: History, ...args: Parameters<History['pushState']>) {
      original.apply(this, args);
      check();
    };
  }
  addEventListener('popstate', check);
  addEventListener('hashchange', check);
}
