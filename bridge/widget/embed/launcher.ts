import { fill } from '../core/fill.js';
import type { Strings } from '../protocol.js';
import { element, icon } from './dom.js';

const CHAT = 'M4 5.5h16v11H10.5L6 20v-3.5H4z M8 9.5h8 M8 12.5h5';
const DOWN = 'M6 9.5l6 6 6-6';

export interface Launcher {
  /** The corner of the page that holds button and window. */
  root: HTMLElement;
  show(unread: number, open: boolean): void;
  /** Where the keyboard goes when the window closes. */
  focus(): void;
}

/** The button in the corner and its badge. `title` names the corner for screen readers. */
export function createLauncher(strings: Strings, title: string, onToggle: () => void): Launcher {
  const badge = element('span', 'foyer-badge', { role: 'status' });
  const button = element('button', 'foyer-launcher', { type: 'button' });
  const root = element('div', 'foyer', { dir: strings.direction, role: 'region', 'aria-label': title });
  root.append(button, badge);
  button.addEventListener('click', onToggle);

  return {
    root,
    focus: () => button.focus(),
    show(unread, open) {
      const label = open ? strings.minimise : strings.open;
      const count = open ? 0 : unread;
      const text = fill(strings.unread, { n: count });
      root.classList.toggle('foyer-open', open);
      button.replaceChildren(icon(open ? DOWN : CHAT));
      button.setAttribute('aria-expanded', String(open));
      button.setAttribute('aria-label', count ? `${label}. ${text}` : label);
      badge.dataset['count'] = `${count}`;
      if (badge.textContent !== text) badge.textContent = count ? text : '';
    },
  };
}
