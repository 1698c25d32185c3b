import { bareJid } from '../accounts/account.js';
import type { Chat } from '../chats/chat.js';
import type { ChatLimits } from '../chats/limits.js';
import { notifyAboutChat } from '../chats/notify-operator.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { SupervisionError } from '../supervision/refused.js';
import { isWatching } from '../supervision/watch.js';
import { whisper } from '../supervision/whisper.js';
import { postRoomMessage, type RoomMessageReport } from './post-room-message.js';
import type { Room } from './room.js';

/**
 * What an operator says in private to another occupant of a chat's room: to the visitor it goes onto the page, unless the operator only watches; to the owner, or to
 * the service account that stands there for the owner, it is a whisper. What others say to each other is theirs. The chat must be locked.
 */
export async function postAside(
  tx: Tx,
  limits: ChatLimits,
  room: Room,
  chat: Chat,
  { operator, to, ...sent }: RoomMessageReport & { operator: Operator; to: string | undefined },
): Promise<void> {
  const watching = await isWatching(tx, chat, operator);
  const contact = await tx.accounts.get(chat.accountId);
  if (to === undefined || (contact && bareJid(contact) === to)) {
    if (watching) notifyAboutChat(tx, chat, operator, { key: 'watching_only' });
    else await postRoomMessage(tx, limits, room, { ...sent, operator });
    return;
  }
  const service = await tx.accounts.get(room.accountId);
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  const toService = service !== undefined && bareJid(service) === to;
  if (!toService && !(watching && owner?.jid === to)) return;
  try {
    await whisper(tx, chat, operator, { ...sent, heardBy: toService ? undefined : owner?.id });
  } catch (error) {
    if (!(error instanceof SupervisionError)) throw error;
    notifyAboutChat(tx, chat, operator, error.text);
  }
}
