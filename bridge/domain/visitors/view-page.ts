import type { Tx } from '../ports.js';
import type { Instance } from '../instances/instance.js';
import { beginVisit } from '../desks/page-view.js';
import { enterRoom, roomOfChat } from '../rooms/room-talk.js';
import { ensureVisitorAccount } from '../accounts/ensure-account.js';
import { describeVisitor, rosterName, statusText, type Visitor, type VisitorDetails } from './visitor.js';

/** Whether the instance may have this visitor online too. One that is there already stays. */
export async function mayBeShown(tx: Tx, { id, limits }: Instance, visitor: Visitor): Promise<boolean> {
  const most = limits.visitorsOnline;
  if (most === null || visitor.online || visitor.openChatId !== null) return true;
  return (await tx.instances.count(id, 'visitorsOnline', most)) < most;
}

/**
 * A visitor looked at a page: it is on the operators' contact lists as online, with the page in its name and status, for the next
 * `hardTimeoutSeconds`. The visitor must be locked.
 */
export async function viewPage(
  tx: Tx,
  instance: Instance,
  visitor: Visitor,
  details: VisitorDetails,
  hardTimeoutSeconds: number,
): Promise<void> {
  const before = { name: rosterName(visitor), status: statusText(visitor), online: visitor.online };
  describeVisitor(visitor, details);
  if (!visitor.online) beginVisit(visitor);
  visitor.online = true;
  tx.visitors.keepOnline(visitor.id, hardTimeoutSeconds);
  // Where accounts are few, only who chats has one.
  if (visitor.accountId === null && visitor.deskId !== null && (await tx.instances.desk(visitor.deskId))?.pool) return;
  const account = await ensureVisitorAccount(tx, instance, visitor);
  const name = rosterName(visitor);
  const status = statusText(visitor);
  const unchanged = before.online && before.name === name && before.status === status && account.state === 'ready';
  if (unchanged) return;
  tx.accounts.setPresence(account.id, { online: true, nick: name, status });
  if (before.name !== name || account.name !== name) {
    tx.accounts.setName(account.id, name);
    if (account.state === 'ready') tx.outbox.toAccount(account, { kind: 'account.rename', name });
  }
  tx.outbox.toAccount(account, { kind: 'xmpp.presence', nick: name, status });
  if (!before.online) await comeBackIntoRoom(tx, visitor);
}

async function comeBackIntoRoom(tx: Tx, visitor: Visitor): Promise<void> {
  const chat = visitor.openChatId === null ? undefined : await tx.chats.lock(visitor.openChatId);
  const room = chat && (await roomOfChat(tx, chat));
  if (chat && room) await enterRoom(tx, room, chat);
}
