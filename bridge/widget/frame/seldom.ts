import type { Picture } from '../core/session.js';
import { isOpen } from '../core/types.js';
import { createClosedDesk, type ClosedDeskOptions } from './closed-desk.js';
import { say } from './page.js';
import { renderRating } from './rating.js';

export interface Seldom {
  render(picture: Picture): void;
  /** True when the desk is closed: the text is being left for later, or something is missing. */
  takes(text: string): boolean;
}

/** What comes when a chat is over or its desk is closed, in a script of its own that is loaded then: few visitors get so far. */
export function createSeldom(options: ClosedDeskOptions): Seldom {
  const { strings, session } = options;
  const closedDesk = createClosedDesk(options);
  return {
    takes: closedDesk.takes,
    render(picture) {
      const { chat, desk } = picture;
      const open: boolean = isOpen(chat);
      const closed = closedDesk.render(picture, !desk.open && !open);
      const ended = chat && !open && (chat.state === 'missed' ? strings.missed : strings.ended);
      say('over-text', [ended, closed].filter(Boolean).join(' '));
      renderRating(picture, strings, session.call);
    },
  };
}
