import { fill } from '../core/fill.js';
import type { Picture, Session } from '../core/session.js';
import { type Desk, isOpen } from '../core/types.js';
import type { Strings } from '../protocol.js';
import { createComposer } from './composer.js';
import { listEntries } from './entries.js';
import { renderHead } from './head.js';
import { createLog } from './log.js';
import { byId, label, say } from './page.js';
import type { renderRating } from './rating.js';

/** Beside the script; a name that the bundler doesn't follow. */
const RATING = new URL('rating.js', location.href).href;

export interface ViewOptions {
  session: Session;
  strings: Strings;
  language: string;
  draft: string;
  nick: string | undefined;
  /** The text in the field changed. */
  onDraft(text: string): void;
  /** The visitor wants the whole window. */
  onOpen(): void;
  onClose(): void;
}

export interface View {
  render(picture: Picture): void;
  focus(): void;
}

const WHEN: Intl.DateTimeFormatOptions = {
  ...{ weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: 'numeric' },
};

/** Everything in the window, bound to one session. */
export function createView(options: ViewOptions): View {
  const { session, strings, language, draft, onOpen, onClose } = options;
  const later = byId<HTMLFieldSetElement>('later');
  const name = byId<HTMLInputElement>('name');
  let ending = false;
  let rating: Promise<{ renderRating: typeof renderRating }> | undefined;
  /** What became of the words that were left. */
  let outcome = '';
  const log = createLog({
    strings,
    language,
    onAgain: session.retry,
    onRemove: session.remove,
    onEdit(id) {
      for (const entry of session.picture().unsent) if (entry.id === id) composer.put(entry.text);
      session.remove(id);
      composer.field.focus();
    },
  });
  const composer = createComposer({
    strings,
    language,
    onSend(text) {
      if (!later.hidden) {
        void leave(text);
        return false;
      }
      session.send(text);
      log.toEnd();
      return true;
    },
    onInput(text) {
      options.onDraft(text);
      session.typed(!text.trim());
    },
  });

  /** The text stays in the field, and so in the page's storage, until the bridge has it. */
  async function leave(text: string): Promise<void> {
    composer.field.readOnly = true;
    const sent = await session.leave(name.value, byId<HTMLInputElement>('email').value, text).then(
      () => true,
      () => false,
    );
    composer.field.readOnly = false;
    outcome = sent ? strings.left : strings.notLeft;
    if (sent) composer.clear();
    render(session.picture());
  }

  function closedText({ texts, opens_at: opens }: Desk): string {
    const when = opens && new Intl.DateTimeFormat(language, WHEN).format(new Date(opens));
    return [texts.closed || strings.deskClosed, when && fill(strings.opensAt, { when }), strings.leave]
      .filter(Boolean)
      .join(' ');
  }

  function ask(on: boolean): void {
    ending = on;
    render(session.picture());
    if (on) byId('ending-no').focus();
    else composer.field.focus();
  }

  function render(picture: Picture): void {
    const { desk, chat } = picture;
    const open: boolean = isOpen(chat);
    const shut = !desk.open && !open;
    const over = !open && (chat || shut);
    const parts = [chat && !open && (chat.state === 'missed' ? strings.missed : strings.ended)];
    if (shut) parts.push(outcome || closedText(desk));
    // What was written while the desk closed is not sent, but can be left.
    const refused = shut && picture.unsent.filter(({ failed }) => failed === 'desk_closed').at(-1);
    if (refused) {
      composer.put(refused.text);
      return session.remove(refused.id);
    }
    if (!shut) outcome = '';
    ending &&= open;
    renderHead(picture, strings);
    log.render(listEntries(picture, strings.welcome));
    byId('ending').hidden = !ending;
    byId('over').hidden = !over;
    byId('again').hidden = shut;
    if (over) say('over-text', parts.filter(Boolean).join(' '));
    // Few visitors come so far: what asks for a rating is loaded when it is needed.
    if (rating || (desk.ask_rating && chat?.state === 'closed'))
      (rating ??= import(RATING)).then(
        (part) => part.renderRating(picture, strings, session.call),
        () => (rating = undefined),
      );
    later.hidden = later.disabled = !shut;
    composer.form.hidden = Boolean(ending || (over && !shut));
    composer.field.placeholder = desk.texts.placeholder || strings.placeholder;
  }

  const page = document.documentElement;
  page.lang = language;
  page.dir = strings.direction;
  document.title = fill(strings.window, { desk: session.picture().desk.name });
  label(strings);
  byId('end').onclick = () => ask(!ending);
  byId('ending-no').onclick = () => ask(false);
  // When the bridge can't be told, the question stays, and the line about the connection says why.
  byId('ending-yes').onclick = () => void session.end().catch(() => undefined);
  byId('close').onclick = onClose;
  byId('again').onclick = () => {
    session.renewChat();
    composer.field.focus();
  };
  composer.field.onfocus = byId('log').onclick = onOpen;
  document.onkeydown = (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    if (ending) ask(false);
    else onClose();
  };
  if (draft) composer.put(draft);
  name.value = options.nick ?? '';

  return { render, focus: () => composer.field.focus() };
}
