import { createClosedDesk, type ClosedDesk, type ClosedDeskOptions } from './closed-desk.js';
import { renderRating } from './rating.js';

/** What few visitors come to, in a script of its own that is loaded when they do: the rating of a chat, and the form of a desk that is closed. */
export function createSeldom(options: ClosedDeskOptions): ClosedDesk {
  const closedDesk = createClosedDesk(options);
  return {
    takes: closedDesk.takes,
    render(picture, shut) {
      renderRating(picture, options.strings, options.session.call);
      return closedDesk.render(picture, shut);
    },
  };
}
