import type { ApiError } from '../core/api.js';
import { fill } from '../core/fill.js';
import type { Picture, Session } from '../core/session.js';
import { post } from '../protocol.js';
import type { Strings } from '../protocol.js';
import { addStyle, byId, element } from './page.js';

const STYLE = `
#redirect { display: grid; gap: 6px; padding-bottom: 8px }
#redirect[hidden] { display: none }
#redirect button { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }`;

/** What is shown of an address: the site's name where it is another one than that of the page around. */
function shown({ origin, host, pathname, search }: URL, site: string): string {
  return (origin === site ? '' : host) + pathname + search;
}

/**
 * Offers the page that the operator suggests, or goes there, where the desk wants that and the visitor looks at this tab. Of several tabs one goes: the bridge
 * says which.
 */
export function createRedirect(strings: Strings, session: Session): (picture: Picture) => void {
  const site = new URLSearchParams(location.search).get('origin') ?? '';
  let box: HTMLElement | undefined;
  let gone = 0;

  async function follow(chat: number, number: number, url: URL, asked: boolean): Promise<void> {
    gone = number;
    const told = await session.call(`chats/${chat}/redirect`, { number }).then(
      () => true,
      ({ status }: ApiError) => status !== 409 && asked,
    );
    if (told) post(window.parent, site, { type: 'go', url: url.href });
  }

  function offer(): HTMLElement {
    addStyle(STYLE);
    const made = element('div', '');
    made.id = 'redirect';
    made.role = 'status';
    made.append(element('p', ''), element('button', 'main'));
    byId('over').before(made);
    return made;
  }

  return ({ chat }) => {
    const redirect = chat?.redirect;
    if (!box && !redirect) return;
    box ??= offer();
    const url = redirect && new URL(redirect.url);
    // The bridge lets nothing else through; this is the last one who could see it.
    box.hidden = !url || !/^https?:$/.test(url.protocol);
    if (!chat || !redirect || !url || box.hidden) return;
    const [text, button] = box.children as unknown as [HTMLElement, HTMLButtonElement];
    text.textContent = fill(strings.suggests, { name: redirect.name });
    button.textContent = shown(url, site);
    button.onclick = () => void follow(chat.id, redirect.number, url, true);
    if (redirect.how === 'go' && !document.hidden && gone !== redirect.number)
      void follow(chat.id, redirect.number, url, false);
  };
}
