import { cleanText, cut } from '../../shared/text.js';
import { chatLane, typingData, TYPING } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { roomOfChat, typeInRoom } from '../rooms/room-talk.js';
import { typeInRoomOf } from '../rooms/room-typing.js';
import { isWatching } from '../supervision/watch.js';
import { isOpen, type Chat } from './chat.js';

/** Of what somebody is typing its operator is shown so much. */
const PREVIEW_LENGTH = 1_000;

/**
 * The visitor began or stopped typing (XEP-0085 towards the owner, and to all in the chat's room). The chat must be locked.
 * @param preview all that stands in the visitor's field, where the helpdesk shows it to its operators; never recorded
 */
export async function visitorTyping(tx: Tx, chat: Chat, typing: boolean, preview?: string): Promise<void> {
  if (!isOpen(chat) || chat.state === 'invited') return;
  const room = await roomOfChat(tx, chat);
  if (room) typeInRoom(tx, room, chat, typing);
  if (room?.purpose === 'pool') return;
  const shown = preview === undefined ? {} : { preview: cut(cleanText(preview), PREVIEW_LENGTH) };
  await tellOwner(tx, chat, null, { state: typing ? 'composing' : 'paused', ...shown });
}

/**
 * The same of the chat's own page: what stands in its field is shown to an owner who asks for it, where the desk allows that, and else
 * dropped. The chat must be locked.
 */
export async function pageTyping(tx: Tx, chat: Chat, typing: boolean, draft?: string): Promise<void> {
  const shown = draft !== undefined && (await wantsPreview(tx, chat));
  await visitorTyping(tx, chat, typing, shown ? draft : undefined);
}

async function wantsPreview(tx: Tx, chat: Chat): Promise<boolean> {
  if (chat.state !== 'active' || chat.deskId === null || chat.operatorId === null) return false;
  const owner = await tx.operators.get(chat.operatorId);
  return owner?.preview === true && (await tx.instances.desk(chat.deskId))?.preview === true;
}

/**
 * The owner began or stopped typing: the page shows it, the bridge's own or that of the helpdesk that has it. Others who have the contact open don't show, nor does
 * who watches. The chat must be locked.
 */
export async function operatorTyping(tx: Tx, chat: Chat, operator: Operator, typing: boolean): Promise<void> {
  if (!isOpen(chat) || chat.heldBy !== null || (chat.operatorId !== null && chat.operatorId !== operator.id)) return;
  if (chat.operatorId === null && (await isWatching(tx, chat, operator))) return;
  const room = await roomOfChat(tx, chat);
  if (room) await typeInRoomOf(tx, room, chat, operator.name, typing);
  else tx.feed.append(chat, { kind: 'typing', typing, name: operator.name });
  const visitor = await tx.visitors.peek(chat.visitorId);
  // Whom a helpdesk named has its page.
  if (chat.initiator !== 'helpdesk' && visitor?.externalId == null) return;
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl !== null)
    tx.outbox.toHelpdesk(instance, chatLane(chat), TYPING, typingData(chat, visitor, operator, typing));
}

/**
 * Somebody began or stopped typing in the helpdesk's pages: the visitor's page shows it, and the window in which the owner will read the words. The chat must be
 * locked.
 * @param operator null: nobody whom Foyer knows as one
 */
export async function webTyping(
  tx: Tx,
  chat: Chat,
  operator: Operator | null,
  name: string,
  typing: boolean,
): Promise<void> {
  if (!isOpen(chat)) return;
  tx.feed.append(chat, { kind: 'typing', typing, name });
  await tellOwner(tx, chat, operator, { state: typing ? 'composing' : 'paused' });
}

/** @param author needn't be told */
async function tellOwner(
  tx: Tx,
  chat: Chat,
  author: Operator | null,
  what: { state: 'composing' | 'paused'; preview?: string },
): Promise<void> {
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  if (!owner || owner.id === author?.id) return;
  const account = { id: chat.accountId, instanceId: chat.instanceId };
  tx.outbox.toAccount(account, { kind: 'xmpp.chat-state', to: owner.jid, ...what });
}
