import { post, receive, type Shown, type ToFrame, type ToSite } from '../protocol.js';
import { element } from './dom.js';

/** The frame and the box around it. The frame is loaded when it is first needed. */
export interface ChatWindow {
  box: HTMLElement;
  /** True once the frame has said hello: it listens from then on. */
  ready(): boolean;
  load(): void;
  /** Begins anew, as for another visitor, where it was loaded. */
  renew(): void;
  show(how: Shown, focus: boolean): void;
  /** Nothing before the frame is ready. */
  tell(message: ToFrame): void;
}

/** A window that fills the screen ends above the keyboard of a phone. */
function followKeyboard(box: HTMLElement): void {
  const view = window.visualViewport;
  const fit = (): void => {
    if (!view) return;
    box.style.setProperty('--foyer-height', `${view.height}px`);
    box.style.setProperty('--foyer-top', `${view.offsetTop}px`);
  };
  view?.addEventListener('resize', fit);
  view?.addEventListener('scroll', fit);
  fit();
}

export function createChatWindow(address: URL, title: string, onMessage: (message: ToSite) => void): ChatWindow {
  const box = element('div', 'foyer-window');
  const frame = element('iframe', '', { title, allow: '', referrerpolicy: 'no-referrer' });
  let ready = false;
  box.hidden = true;

  addEventListener('message', (event) => {
    const message = receive<ToSite>(event, frame.contentWindow, address.origin);
    if (message?.type === 'ready') ready = true;
    if (message) onMessage(message);
  });

  const tell = (message: ToFrame): void => {
    if (ready && frame.contentWindow) post(frame.contentWindow, address.origin, message);
  };

  const load = (): void => {
    if (frame.src) return;
    frame.src = address.href;
    box.append(frame);
    followKeyboard(box);
  };

  return {
    box,
    ready: () => ready,
    load,
    tell,
    renew() {
      if (ready) frame.src = address.href;
      ready = false;
    },
    show(how, focus) {
      if (how !== 'closed') load();
      box.hidden = how === 'closed';
      box.classList.toggle('foyer-peek', how === 'peek');
      if (focus) frame.focus();
      tell({ type: 'show', how, focus });
    },
  };
}
