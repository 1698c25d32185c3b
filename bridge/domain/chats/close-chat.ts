import type { Tx } from '../ports.js';
import { endChatAccount } from '../accounts/ensure-account.js';
import { chatHappened } from '../happenings.js';
import { chatData, chatLane } from '../helpdesk-events.js';
import { mailToDesk } from '../mail/request-mail.js';
import { assertNever } from '../../shared/assert-never.js';
import { endRoomOf } from '../rooms/end-room.js';
import { isOpen, moveChat, type Chat, type ClosedBy } from './chat.js';
import { notifyOwner } from './notify-operator.js';

/** Ends a chat; one that has ended stays as it is. The chat must be locked. */
export async function closeChat(tx: Tx, chat: Chat, by: ClosedBy): Promise<void> {
  if (!isOpen(chat)) return;
  await tellOwner(tx, chat, by);
  await endRoomOf(tx, chat);
  moveChat(chat, 'closed');
  chat.closedAt = tx.now;
  chat.closedBy = by;
  tx.transcripts.keepText(chat);
  if (chat.lastNumber > 0) await mailToDesk(tx, chat, { chat: chat.id });
  tx.accounts.touch(chat.accountId);
  await endChatAccount(tx, chat.accountId);
  leaveQueue(tx, chat);
  const visitor = await tx.visitors.lock(chat.visitorId);
  if (visitor?.openChatId === chat.id) visitor.openChatId = null;
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatClosed', chat);
  tx.outbox.toHelpdesk(
    await tx.instances.get(chat.instanceId),
    chatLane(chat),
    'chat.closed',
    await chatData(tx, chat),
  );
}

/** A chat that has ended is offered to nobody, and its owner has room. The chat must be locked. */
export function leaveQueue(tx: Tx, chat: Chat): void {
  tx.queue.endLater(chat.id);
  if (chat.operatorId !== null) tx.queue.markIdle(chat.operatorId);
  tx.queue.wake(chat.instanceId);
}

async function tellOwner(tx: Tx, chat: Chat, by: ClosedBy): Promise<void> {
  switch (by) {
    case 'visitor':
      return notifyOwner(tx, chat, { key: chat.state === 'invited' ? 'invitation_declined' : 'closed_by_visitor' });
    case 'helpdesk':
      return notifyOwner(tx, chat, { key: 'closed_by_helpdesk' });
    case 'system':
      // An invitation ends so when its operator is disabled, who isn't there to be told; of a suspended instance all are told.
      return chat.state === 'invited' || (await tx.instances.get(chat.instanceId)).state !== 'active'
        ? undefined
        : notifyOwner(tx, chat, { key: 'closed_idle' });
    case 'operator':
      return;
    default:
      return assertNever(by);
  }
}
