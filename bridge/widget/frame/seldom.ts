import type { Picture } from '../core/session.js';
import { isOpen } from '../core/types.js';
import { browserTimers } from '../core/timers.js';
import { renderAfterwards } from './afterwards.js';
import { createClosedDesk, type ClosedDeskOptions } from './closed-desk.js';
import { createDraft } from './draft.js';
import { createFailures } from './failures.js';
import { createGreeting } from './greeting.js';
import { byId, say } from './page.js';
import { createQuestions } from './questions.js';
import { createRedirect } from './redirect.js';
import { renderRating } from './rating.js';

export interface Seldom {
  render(picture: Picture): void;
  /** True when the text stays in the field: it is being left for later, or something is missing. */
  takes(text: string): boolean;
}

/** What comes when a desk asks or greets, is closed, a text was refused, a chat is over, the visitor is sent to another page or seen typing, in a script of its own that is loaded then: few visitors get so far. */
export function createSeldom(options: ClosedDeskOptions): Seldom {
  const { strings, session, composer } = options;
  const renderRedirect = createRedirect(strings, session);
  const renderDraft = createDraft(composer.field, session.call, browserTimers);
  let listening = true;
  const closedDesk = createClosedDesk(options);
  const questions = createQuestions(options);
  const renderFailures = createFailures(options);
  const greeting = createGreeting(session, options.onChange);
  return {
    takes: (text) => closedDesk.takes(text) || questions.holds(),
    render(picture) {
      const { chat, desk } = picture;
      const open: boolean = isOpen(chat);
      const banned = !open && (desk.banned || chat?.banned);
      const closed = closedDesk.render(picture, !desk.open && !open && !banned);
      renderRedirect(picture);
      renderDraft(picture);
      renderFailures(picture.unsent);
      if (banned) {
        // Nothing will come any more, and nothing that is written will be taken.
        session.listen((listening = false));
        composer.form.hidden = byId('again').hidden = true;
        byId('over').hidden = false;
        say('over-text', strings.banned);
        return;
      }
      if (!listening) session.listen((listening = true));
      const ended = chat && !open && (chat.state === 'missed' ? strings.missed : strings.ended);
      say('over-text', [ended, closed].filter(Boolean).join(' '));
      questions.render(picture);
      greeting.render(picture);
      renderRating(picture, strings, session.call);
      renderAfterwards(picture, !open, strings, session.call);
    },
  };
}
