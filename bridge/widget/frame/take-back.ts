import type { Unsent } from '../core/outbox.js';
import type { Session } from '../core/session.js';
import type { Composer } from './composer.js';

/**
 * A text that was refused for one of these reasons goes back into the field, once.
 * @returns tells whether one of these has just gone back
 */
export function createTakeBack(session: Session, composer: Composer, ...codes: string[]) {
  let moved = '';
  return (unsent: Unsent[]): boolean => {
    const refused = unsent.filter(({ failed }) => failed && codes.includes(failed)).at(-1);
    if (!refused || refused.id === moved) return false;
    moved = refused.id;
    composer.put(refused.text);
    queueMicrotask(() => session.remove(refused.id)); // not while this picture is being shown
    return true;
  };
}
