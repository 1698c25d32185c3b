import type { Unsent } from '../core/outbox.js';
import type { Session } from '../core/session.js';
import type { Strings } from '../protocol.js';
import type { Composer } from './composer.js';
import { addStyle, element } from './page.js';

const STYLE = `
.refused .bubble { border-color: var(--alert) }
.why { margin-top: 4px; color: var(--alert); font-size: 13px }
.extra button { padding: 8px; text-decoration: underline }`;

/** Under each text that was refused: why, and what can be done. */
export function createFailures({
  session,
  strings,
  composer,
}: {
  session: Session;
  strings: Strings;
  composer: Composer;
}): (unsent: Unsent[]) => void {
  function edit({ id, text }: Unsent): void {
    composer.put(text);
    session.remove(id);
    composer.field.focus();
  }

  function choice(text: string, act: () => void): Node {
    const button = element('button', '', text);
    button.onclick = act;
    return button;
  }

  addStyle(STYLE);
  return (unsent) => {
    for (const entry of unsent) {
      const place = entry.failed && document.getElementById(entry.id)?.querySelector('.extra:empty');
      if (!place) continue;
      place.append(
        element('p', 'why', strings[`why_${entry.failed}` as keyof Strings] ?? strings.why_other),
        choice(strings.again, () => session.retry(entry.id)),
        choice(strings.edit, () => edit(entry)),
        choice(strings.remove, () => session.remove(entry.id)),
      );
    }
  };
}
