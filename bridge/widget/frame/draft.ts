import type { Picture, Session } from '../core/session.js';
import type { Timers } from '../core/timers.js';
import { byId } from './page.js';

const EVERY_MS = 1500;
/** What the bridge shows of it. */
const LONGEST = 1000;

/** Lets the operator see what is being typed, where it wants that and the desk allows it; the visitor reads that it does. */
export function createDraft(field: HTMLTextAreaElement, call: Session['call'], timers: Timers) {
  let chat = 0;
  let told = '';
  let busy = false;

  /** Tells what stands in the field, if that isn't known: also that it is empty once it was sent, for a draft on its way may come later. */
  function tell(): void {
    const text = field.value.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '');
    if (busy || !chat || text === told) return;
    busy = true;
    told = text;
    const pause = new Promise<void>((resolve) => timers.after(EVERY_MS, resolve));
    // One at a time, so that none comes after a later one; what got lost is told with the next key.
    const calls = call(`chats/${chat}/typing`, { typing: text.trim() !== '', text });
    void Promise.allSettled([calls, pause]).then(() => {
      busy = false;
      tell();
    });
  }

  field.addEventListener('input', tell);
  return (picture: Picture): void => {
    const on = picture.chat?.preview ? picture.chat.id : 0;
    if (on !== chat) told = '';
    chat = on;
    byId('preview').hidden = !chat;
    tell();
  };
}
