import { chatLane } from '../helpdesk-events.js';
import type { Tx } from '../ports.js';
import type { Chat } from './chat.js';
import { isFurther, type DeliveryState } from './message.js';

interface Run {
  from: number;
  to: number;
}

/**
 * The visitor's messages `from`…`to` have come as far as `state`: acknowledged by ejabberd, received or displayed by the operator's client, bounced. The
 * page and the helpdesk hear of those that had not come so far before; never moves a message back. The chat must be locked.
 * @returns whether there were any
 */
export async function advanceDelivery(
  tx: Tx,
  chat: Chat,
  from: number,
  to: number,
  state: DeliveryState,
): Promise<boolean> {
  const last = Math.min(to, chat.lastNumber);
  const runs = last < from ? [] : await behind(tx, chat, from, last, state);
  for (const run of runs) {
    tx.messages.advance(chat.id, run.from, run.to, 'visitor', state);
    raiseMarks(chat, run.to, state);
    tx.feed.append(chat, { kind: 'states', ...run, state });
    await tellHelpdesk(tx, chat, 'visitor', run.from, run.to, state);
  }
  return runs.length > 0;
}

/**
 * Those of `from`…`to` that haven't come as far as `state`. Beyond the chat's marks that is all of them: the ordinary case costs no look at the
 * messages.
 */
async function behind(tx: Tx, chat: Chat, from: number, to: number, state: DeliveryState): Promise<Run[]> {
  if (to <= chat.seenByOperator) return [];
  if (from > markOf(chat, state)) return [{ from, to }];
  const runs: Run[] = [];
  let open: Run | null = null;
  for (const message of await tx.messages.states(chat.id, from, to, 'visitor')) {
    if (!isFurther(state, message.state)) open = null;
    else if (open) open.to = message.number;
    else runs.push((open = { from: message.number, to: message.number }));
  }
  return runs;
}

/** No message above it has come as far as `state`. */
function markOf(chat: Chat, state: DeliveryState): number {
  if (state === 'acked') return chat.ackedTo;
  if (state === 'delivered') return chat.deliveredTo;
  // The others are rare enough to be looked up.
  return state === 'seen' ? chat.seenByOperator : Infinity;
}

function raiseMarks(chat: Chat, to: number, state: DeliveryState): void {
  if (state === 'sent') return;
  chat.ackedTo = Math.max(chat.ackedTo, to);
  if (state === 'delivered' || state === 'seen') chat.deliveredTo = Math.max(chat.deliveredTo, to);
  if (state === 'seen') chat.seenByOperator = Math.max(chat.seenByOperator, to);
}

/** An operator's client displayed the visitor's messages up to `number` (XEP-0333). The chat must be locked. */
export async function seenByOperator(tx: Tx, chat: Chat, number: number): Promise<void> {
  const last = Math.min(number, chat.lastNumber);
  if (last <= chat.seenByOperator) return;
  await advanceDelivery(tx, chat, chat.seenByOperator + 1, last, 'seen');
}

/**
 * What was sent to this operator has come back, or was given up. The message has failed if nobody else may have it: the operator owns the chat, or is
 * the only one who was ever shown it. The chat must be locked.
 */
export async function failDelivery(tx: Tx, chat: Chat, number: number, operatorId: number): Promise<boolean> {
  if (!(await isOnlyReader(tx, chat, operatorId))) return false;
  return advanceDelivery(tx, chat, number, number, 'failed');
}

async function isOnlyReader(tx: Tx, chat: Chat, operatorId: number): Promise<boolean> {
  if (chat.operatorId !== null) return chat.operatorId === operatorId;
  const shown = await tx.chats.participants(chat.id);
  return shown.length === 1 && shown[0]?.operatorId === operatorId;
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

/**
 * The visitor's page has the operator's messages up to `number`, and may not have shown them. Only the record and other systems of the helpdesk hear of it: the
 * operator's client had its receipt (XEP-0184) when the message was recorded. The chat must be locked.
 */
export async function deliveredToVisitor(tx: Tx, chat: Chat, number: number): Promise<void> {
  const last = Math.min(number, chat.lastNumber);
  const from = chat.seenByVisitor + 1;
  if (last < from) return;
  const behind = (await tx.messages.states(chat.id, from, last, 'operator')).filter(({ state }) =>
    isFurther('delivered', state),
  );
  const first = behind[0];
  if (!first) return;
  tx.messages.advance(chat.id, first.number, last, 'operator', 'delivered');
  await tellHelpdesk(tx, chat, 'operator', first.number, last, 'delivered');
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
