import { fill } from '../core/fill.js';
import type { Picture } from '../core/session.js';
import { isOpen } from '../core/types.js';
import type { Strings } from '../protocol.js';
import { byId, say } from './page.js';

function subtitle({ desk, chat }: Picture, strings: Strings): string {
  if (!isOpen(chat)) return desk.open && !chat ? strings.online : '';
  if (chat.operator) return fill(strings.with, { name: chat.operator.name });
  if (chat.state === 'invited') return strings.online;
  const [n, seconds] = [chat.position, chat.wait_seconds];
  const place = n ? fill(seconds ? strings.wait : strings.position, { n, min: Math.ceil(seconds! / 60) }) : '';
  return [desk.texts.wait, place].join(' ').trim() || strings.waiting;
}

/** Who is at the other end, how it stands, who types, and whether the connection holds. */
export function renderHead(picture: Picture, strings: Strings): void {
  const { desk, chat, typing, trouble } = picture;
  const open = isOpen(chat);
  say('title', desk.name);
  say('subtitle', subtitle(picture, strings));
  say('avatar', Array.from((open && chat.operator?.name) || desk.name)[0] ?? '');
  say('trouble', trouble ? strings.reconnecting : '');
  say('typing', typing === null ? '' : fill(strings.typing, { name: typing || strings.somebody }));
  byId('end').hidden = !open;
}
