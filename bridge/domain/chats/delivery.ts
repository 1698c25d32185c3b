import { chatLane } from '../helpdesk-events.js';
import type { Tx } from '../ports.js';
import type { Chat } from './chat.js';
import type { DeliveryState } from './message.js';

/**
 * The visitor's messages `from`…`to` have come as far as `state`: acknowledged by ejabberd, received or displayed by the operator's client, bounced. The
 * page and the helpdesk hear of it. Never moves a message back. The chat must be locked.
 */
export async function advanceDelivery(
  tx: Tx,
  chat: Chat,
  from: number,
  to: number,
  state: DeliveryState,
): Promise<void> {
  const last = Math.min(to, chat.lastNumber);
  if (last < from) return;
  tx.messages.advance(chat.id, from, last, 'visitor', state);
  tx.feed.append(chat, { kind: 'states', from, to: last, state });
  await tellHelpdesk(tx, chat, 'visitor', from, last, state);
}

/** An operator's client displayed the visitor's messages up to `number` (XEP-0333). The chat must be locked. */
export async function seenByOperator(tx: Tx, chat: Chat, number: number): Promise<void> {
  const last = Math.min(number, chat.lastNumber);
  if (last <= chat.seenByOperator) return;
  const from = chat.seenByOperator + 1;
  chat.seenByOperator = last;
  await advanceDelivery(tx, chat, from, last, 'seen');
}

/** The page has shown the operator's messages up to `number`: its client gets a displayed marker (XEP-0333). The chat must be locked. */
export async function seenByVisitor(tx: Tx, chat: Chat, number: number): Promise<void> {
  const last = Math.min(number, chat.lastNumber);
  if (last <= chat.seenByVisitor) return;
  const from = chat.seenByVisitor + 1;
  chat.seenByVisitor = last;
  tx.messages.advance(chat.id, from, last, 'operator', 'seen');
  // The visitor's other tabs take back their unread mark.
  tx.feed.append(chat, { kind: 'chat' });
  await tellHelpdesk(tx, chat, 'operator', from, last, 'seen');
  const marked = await tx.messages.lastMarkable(chat.id, from - 1, last);
  const writer = marked?.operatorId == null ? undefined : await tx.operators.get(marked.operatorId);
  if (marked?.stanzaId == null || !writer) return;
  tx.outbox.toAccount(
    { id: chat.accountId, instanceId: chat.instanceId },
    { kind: 'xmpp.displayed', to: writer.jid, messageId: marked.stanzaId },
  );
}

async function tellHelpdesk(
  tx: Tx,
  chat: Chat,
  sender: string,
  from: number,
  to: number,
  state: DeliveryState,
): Promise<void> {
  const instance = await tx.instances.get(chat.instanceId);
  const data = { chat: { id: chat.id, number: chat.number }, sender, from, to, state };
  tx.outbox.toHelpdesk(instance, chatLane(chat), 'message.state', data);
}
