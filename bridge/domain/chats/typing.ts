import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { isOpen, type Chat } from './chat.js';

/** The visitor began or stopped typing (XEP-0085 towards the owner). The chat must be locked. */
export async function visitorTyping(tx: Tx, chat: Chat, typing: boolean): Promise<void> {
  if (!isOpen(chat) || chat.state === 'invited') return;
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  if (!owner) return;
  tx.outbox.toAccount(
    { id: chat.accountId, instanceId: chat.instanceId },
    { kind: 'xmpp.chat-state', to: owner.jid, state: typing ? 'composing' : 'paused' },
  );
}

/** The owner began or stopped typing. Others who have the contact open don't show. The chat must be locked. */
export function operatorTyping(tx: Tx, chat: Chat, operator: Operator, typing: boolean): void {
  if (!isOpen(chat) || (chat.operatorId !== null && chat.operatorId !== operator.id)) return;
  tx.feed.append(chat, { kind: 'typing', typing, name: operator.name });
}
