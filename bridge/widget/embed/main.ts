import { createApi } from '../core/api.js';
import { pickLanguage } from '../core/language.js';
import { browserTimers } from '../core/timers.js';
import type { Page, Visit } from '../core/types.js';
import type { Strings } from '../protocol.js';
import { addStyle } from './dom.js';
import { describePage, watchRoutes } from './page-views.js';
import { createStore } from './store.js';
import { createVisits } from './visits.js';
import { createWidget, type Widget } from './widget.js';

/** The style and the version of the strings, put in by the build. */
declare const FOYER_STYLE: string;
declare const FOYER_VERSION: string;

/** No wider than what the bridge takes: it refuses the visit with any other. */
const EMAIL = /^[\w+-]+(\.[\w+-]+)*@([a-z\d-]+\.)+[a-z]{2,}$/i;

declare global {
  interface Window {
    /** What a site may call: `foyer('open')`, `foyer('close')`, `foyer('toggle')`; `foyer('identify', jwt)` when somebody signs in, '' when out. */
    foyer?: (command: 'open' | 'close' | 'toggle' | 'identify', identity?: string) => void;
  }
}

function start(script: HTMLScriptElement): void {
  const bridge = new URL(script.src).origin;
  const { desk = 'main', instance, lang, email = '', identity } = script.dataset;
  const nick = script.dataset['nick']?.slice(0, 100); // a longer one is refused, and with it every visit
  const wanted = pickLanguage([lang, document.documentElement.lang, ...navigator.languages]);
  const store = createStore(bridge, instance ? `${instance}/${desk}` : desk);
  const about = {
    desk,
    ...(instance && { instance }),
    nick,
    identity,
    ...(EMAIL.test(email) && { email }),
    language: wanted,
  };
  // Another site's cookie goes along only where that is to say who is there.
  const send: typeof fetch = (input, init) =>
    fetch(input, about.identity === 'session' ? { ...init, credentials: 'include' } : init);
  const api = createApi(`${bridge}/visitor/v1/`, store.token, send);
  const address = new URL('/widget/frame.html', bridge);
  address.search = new URLSearchParams({ desk, ...(instance && { instance }), origin: location.origin }).toString();
  let strings: Promise<Strings> | null = null;
  let widget: Widget | null = null;

  async function begin(visit: Visit, page: Page): Promise<void> {
    const language = visit.desk.language || wanted;
    strings ??= fetch(`${bridge}/widget/strings/${language}.json?v=${FOYER_VERSION}`).then((answer) => answer.json());
    try {
      const options = { api, timers: browserTimers, store, visits, address, nick, language, visit, page };
      const texts = await strings;
      widget ??= createWidget({ ...options, strings: texts });
    } catch (error) {
      strings = null; // the next visit tries again
      console.error('[foyer]', error);
    }
  }

  const visits = createVisits({
    api,
    timers: browserTimers,
    store,
    about,
    visible: () => !document.hidden,
    onRefused: (code) => console.error(`[foyer] refused: ${code}`),
    onVisit(visit, page, other) {
      if (widget) widget.visited(visit, page, other);
      else void begin(visit, page);
    },
  });

  window.foyer = (command, value) =>
    command === 'identify'
      ? visits.identify(value)
      : widget?.toggle(command === 'toggle' ? undefined : command === 'open');
  addStyle(FOYER_STYLE, script.nonce);
  visits.view(describePage(document.referrer));
  watchRoutes((referrer) => visits.view(describePage(referrer)));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) visits.front();
  });
}

const script = document.currentScript as HTMLScriptElement | null;
if (window.foyer) console.error('[foyer] is here twice');
else if (script?.src) start(script);
else console.error('[foyer] needs <script src>');
