import type { Tx } from '../ports.js';
import { endChatAccount } from '../accounts/ensure-account.js';
import { isOpen, moveChat, type Chat } from '../chats/chat.js';
import { leaveQueue } from '../chats/close-chat.js';
import { notifyOwner } from '../chats/notify-operator.js';
import { chatHappened } from '../happenings.js';
import { chatData, chatLane, visitorData } from '../helpdesk-events.js';
import { mailToDesk } from '../mail/request-mail.js';
import type { Visitor } from './visitor.js';

/** Visitors handled by one transaction. */
const AT_ONCE = 100;

/** Takes visitors offline whose hard timeout is over. @returns how many; call again while it isn't 0. */
export async function timeOutVisitors(tx: Tx): Promise<number> {
  const gone = await tx.visitors.lockTimedOut(AT_ONCE);
  for (const visitor of gone) await takeOffline(tx, visitor);
  if (gone.length > 0) tx.report({ what: 'visitorsTimedOut', visitors: gone.length });
  return gone.length;
}

/**
 * The visitor has left. Its contact goes offline; a chat that nobody had taken is abandoned, an invitation that it didn't answer is missed. An active chat
 * stays open: the operator may still write, and the visitor finds it when it comes back. The visitor must be locked.
 */
export async function takeOffline(tx: Tx, visitor: Visitor): Promise<void> {
  visitor.online = false;
  const instance = await tx.instances.get(visitor.instanceId);
  const chat = visitor.openChatId === null ? undefined : await tx.chats.lock(visitor.openChatId);
  if (visitor.accountId !== null) {
    const account = { id: visitor.accountId, instanceId: visitor.instanceId };
    if (chat?.roomId != null) tx.outbox.toAccount(account, { kind: 'room.leave', room: chat.roomId });
    tx.accounts.setPresence(visitor.accountId, { online: false, nick: '', status: '' });
    tx.outbox.toAccount(account, { kind: 'xmpp.offline' });
  }
  if (chat && isOpen(chat)) await leaveChat(tx, visitor, chat);
  tx.outbox.toHelpdesk(instance, `v${visitor.id}`, 'visitor.timed_out', visitorData(visitor));
}

async function leaveChat(tx: Tx, visitor: Visitor, chat: Chat): Promise<void> {
  if (chat.state === 'active') {
    await notifyOwner(tx, chat, { key: 'visitor_left' });
    return;
  }
  const invited = chat.state === 'invited';
  if (invited) await notifyOwner(tx, chat, { key: 'invitation_missed' });
  moveChat(chat, invited ? 'missed' : 'abandoned');
  chat.closedAt = tx.now;
  chat.closedBy = 'system';
  tx.transcripts.keepText(chat);
  if (chat.lastNumber > 0) await mailToDesk(tx, chat, { chat: chat.id });
  visitor.openChatId = null;
  await endChatAccount(tx, chat.accountId);
  leaveQueue(tx, chat);
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, invited ? 'chatMissed' : 'chatAbandoned', chat);
  const instance = await tx.instances.get(chat.instanceId);
  tx.outbox.toHelpdesk(instance, chatLane(chat), 'chat.closed', await chatData(tx, chat));
}
