import type { Picture, Session } from '../core/session.js';
import { post, type ToSite } from '../protocol.js';

/** Words that come by themselves once the visitor has looked at the page for long enough; the bridge says whether, and which. */
export function createGreeting(session: Session, onChange: () => void): { render(picture: Picture): void } {
  const site = new URLSearchParams(location.search).get('origin') ?? '';
  const done = new Set<string>();
  let waits = '';
  let timer = 0;
  let text = '';
  let told = false;

  const tell = (message: ToSite): void => post(window.parent, site, message);
  const free = (): boolean => !session.picture().chat && document.body.className === 'closed';

  async function greet(name: string): Promise<void> {
    if (document.hidden) return document.addEventListener('visibilitychange', () => void greet(name), { once: true });
    if (waits !== name || !free()) return;
    waits = '';
    done.add(name);
    const { desk } = session.picture();
    const answer = await session.call<{ text: string | null }>('greetings', { desk: desk.key, name }).catch(() => null);
    if (!answer?.text || !free()) return;
    ({ text } = answer);
    told = true;
    tell({ type: 'unread', count: 1, newest: `greeting ${name}` });
    onChange();
  }

  return {
    render({ desk, chat }) {
      // The visitor has seen it, or talks already.
      if (told && (chat || document.body.className === 'open')) {
        told = false;
        if (!chat) tell({ type: 'unread', count: 0, newest: '' });
      }
      if (text) desk.texts.greeting = text;
      const name = (!chat && desk.greeting?.name) || '';
      if (name === waits || done.has(name)) return;
      clearTimeout(timer);
      waits = name;
      if (name) timer = window.setTimeout(() => void greet(name), (desk.greeting?.after_seconds ?? 0) * 1000);
    },
  };
}
