import type { ApiError } from '../core/api.js';
import { fill } from '../core/fill.js';
import { newId } from '../core/new-id.js';
import type { Picture, Session } from '../core/session.js';
import type { Desk } from '../core/types.js';
import type { Strings } from '../protocol.js';
import type { Composer } from './composer.js';
import { addStyle, byId } from './page.js';
import { createTakeBack } from './take-back.js';

const STYLE = `
#later { display: grid; gap: 8px; margin: 8px 0; padding: 0; border: 0; min-width: 0 }
#later input { min-width: 0; padding: 9px 14px; border: 1px solid var(--muted); border-radius: 20px;
  background: none; color: inherit; font: 16px/20px system-ui, sans-serif }
#later input::placeholder { color: var(--muted); opacity: 1 }
#later input:focus { border-color: var(--accent); outline: 1px solid var(--accent) }`;

const WHEN: Intl.DateTimeFormatOptions = {
  ...{ weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: 'numeric' },
};

export interface ClosedDeskOptions {
  session: Session;
  strings: Strings;
  language: string;
  nick: string | undefined;
  composer: Composer;
  /** Something other than the session has changed. */
  onChange(): void;
}

export interface ClosedDesk {
  /** Shows the fields for name and address, or hides them; gives the text above them. */
  render(picture: Picture, shut: boolean): string;
  /** True when the desk is closed: the text is being left for later, or something is missing. */
  takes(text: string): boolean;
}

/** Words that are left while the desk is closed: answered by e-mail. */
export function createClosedDesk(options: ClosedDeskOptions): ClosedDesk {
  const { session, strings, language, composer, onChange } = options;
  const later = byId<HTMLFieldSetElement>('later');
  const name = byId<HTMLInputElement>('name');
  const email = byId<HTMLInputElement>('email');
  /** What became of the words that were left. */
  let outcome = '';
  const takeBack = createTakeBack(session, composer, 'desk_closed', 'desk_inactive');
  /** What was last left, under one id until it is changed. */
  let left = { text: '', id: '' };

  addStyle(STYLE);
  for (const field of [name, email]) field.placeholder = field.ariaLabel ?? '';
  name.value = options.nick ?? '';

  function send(text: string): Promise<unknown> {
    const { desk } = session.picture();
    if (text !== left.text) left = { text, id: newId() };
    const body = { desk: desk.key, name: name.value, email: email.value, text, client_message_id: left.id };
    const call = (): Promise<unknown> => session.call('offline-messages', body);
    return call().catch((error: ApiError) => {
      if (error.status !== 401) throw error;
      return session.renew().then(call);
    });
  }

  /** The text stays in the field, and so in the page's storage, until the bridge has it. */
  async function leave(text: string): Promise<void> {
    composer.field.readOnly = true;
    const sent = await send(text).then(
      () => true,
      () => false,
    );
    composer.field.readOnly = false;
    outcome = sent ? strings.left : strings.notLeft;
    if (sent) composer.clear();
    onChange();
  }

  function closedText({ texts, opens_at: opens }: Desk): string {
    const when = opens && new Intl.DateTimeFormat(language, WHEN).format(new Date(opens));
    return [texts.closed || strings.deskClosed, when && fill(strings.opensAt, { when }), strings.leave]
      .filter(Boolean)
      .join(' ');
  }

  return {
    render(picture, shut) {
      later.hidden = later.disabled = !shut;
      if (!shut) return (outcome = '');
      // What was written while the desk closed is not sent, but can be left.
      takeBack(picture.unsent);
      return outcome || closedText(picture.desk);
    },
    takes(text) {
      if (later.hidden) return false;
      if (composer.form.reportValidity()) void leave(text);
      return true;
    },
  };
}
