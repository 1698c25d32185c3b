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
    /** What a site may call: `foyer('open')`, `foyer('close')`, `foyer('toggle')`. */
    foyer?: (command: 'open' | 'close' | 'toggle') => void;
  }
}

function start(script: HTMLScriptElement): void {
  const bridge = new URL(script.src).origin;
  const { desk = 'main', instance, lang, email = '', identity } = script.dataset;
  const nick = script.dataset['nick']?.slice(0, 100); // a longer one is refused, and with it every visit
  const wanted = pickLanguage([lang, document.documentElement.lang, ...navigator.languages]);
  const store = createStore(bridge, instance ? `${instance}/${desk}` : desk);
  const api = createApi(`${bridge}/visitor/v1/`, store.token, (input, init) => fetch(input, init));
  const address = new URL('/widget/frame.html', bridge);
  const place = { desk, ...(instance && { instance }) };
  address.search = new URLSearchParams({ ...place, origin: location.origin }).toString();
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
    about: { ...place, nick, identity, ...(EMAIL.test(email) && { email }), language: wanted },
    visible: () => !document.hidden,
    onRefused: (code) => console.error(`[foyer] refused: ${code}`),
    onVisit(visit, page) {
      if (widget) widget.visited(visit, page);
      else void begin(visit, page);
    },
  });

  window.foyer = (command) => widget?.toggle(command === 'toggle' ? undefined : command === 'open');
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
