import { fill } from '../core/fill.js';
import type { Picture, Session } from '../core/session.js';
import { isOpen } from '../core/types.js';
import type { Strings } from '../protocol.js';
import { createComposer } from './composer.js';
import { listEntries } from './entries.js';
import { renderHead } from './head.js';
import { createLog } from './log.js';
import { byId, label } from './page.js';
import type { createSeldom, Seldom } from './seldom.js';

/** Beside the script; a name that the bundler doesn't follow. */
const SELDOM = new URL('seldom.js', location.href).href;

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

/** Everything in the window, bound to one session. */
export function createView(options: ViewOptions): View {
  const { session, strings, language, draft, onOpen, onClose } = options;
  let ending = false;
  let loading: Promise<unknown> | null = null;
  let seldom: Seldom | undefined;
  const log = createLog({ strings, language });
  const composer = createComposer({
    strings,
    language,
    onSend(text) {
      if (seldom?.takes(text)) return;
      session.send(text);
      composer.clear();
      log.toEnd();
    },
    onInput(text) {
      options.onDraft(text);
      session.typed(!text.trim());
    },
  });

  const draw = (): void => render(session.picture());

  function ask(on: boolean): void {
    ending = on;
    draw();
    if (on) byId('ending-no').focus();
    else composer.field.focus();
  }

  function render(picture: Picture): void {
    const { desk, chat, unsent } = picture;
    const open: boolean = isOpen(chat);
    const shut = !desk.open && !open;
    const over = !open && (chat || shut);
    // Tried again with the next change where it could not be loaded.
    if (
      over ||
      chat?.redirect ||
      chat?.preview ||
      unsent.some((one) => one.failed) ||
      (!open && (desk.greeting || desk.questions?.length))
    )
      loading ??= (import(SELDOM) as Promise<{ createSeldom: typeof createSeldom }>).then(
        (part) => {
          seldom = part.createSeldom({ ...options, composer, onChange: draw });
          draw();
        },
        () => (loading = null),
      );
    ending &&= open;
    renderHead(picture, strings);
    log.render(listEntries(picture, strings.welcome));
    byId('ending').hidden = !ending;
    byId('over').hidden = !over;
    byId('again').hidden = shut;
    composer.form.hidden = !!(ending || (over && !(shut && seldom)));
    seldom?.render(picture);
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

  return { render, focus: () => composer.field.focus() };
}
