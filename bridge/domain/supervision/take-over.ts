import { isOpen, type Chat } from '../chats/chat.js';
import { answererOf } from '../chats/notify-operator.js';
import { takeChat } from '../chats/take-chat.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { visitorOf } from '../queue/give.js';
import { tellHandover } from '../queue/handover.js';
import { mayTakeOver } from './access.js';
import { asItself } from './watch.js';
import { SupervisionError } from './refused.js';

/** Who asks so soon after another one's takeover asked while it didn't know of it. */
const AT_ONCE_SECONDS = 5;

/**
 * The operator has the chat at once, however many it has: who had it is told, the last lines stand in the new owner's window. Of two at once the first has it. The
 * chat must be locked.
 * @param actor who the audit says did it
 * @throws SupervisionError `not_supervisor` | `chat_closed` | `conflict` | `chat_taken`
 */
export async function takeOver(tx: Tx, chat: Chat, operator: Operator, actor = asItself(operator)): Promise<void> {
  const { number } = chat;
  const values = { number };
  if (!(await mayTakeOver(tx, operator, chat.departmentId)))
    throw new SupervisionError('not_supervisor', { key: 'may_not_take_over', values });
  if (!isOpen(chat)) throw new SupervisionError('chat_closed', { key: 'chat_over', values });
  if (chat.operatorId === operator.id) throw new SupervisionError('conflict', { key: 'yours_already', values });
  if (chat.state === 'invited') throw new SupervisionError('conflict', { key: 'not_begun', values });
  if (chat.noContact) throw new SupervisionError('conflict', { key: 'no_contact' });
  await tx.queue.lock(chat.instanceId);
  const from = await answererOf(tx, chat);
  const first = await tx.supervision.takenOverBy(chat.id, AT_ONCE_SECONDS);
  if (first !== undefined && first !== operator.id && first === chat.operatorId)
    throw new SupervisionError('chat_taken', { key: 'just_taken_over', values: { number, name: from ?? '' } });
  await tx.supervision.addTakeover(chat, operator.id);
  tx.audit.add({
    ...{ instanceId: chat.instanceId, actor, action: 'chat.takeover', subject: `chat:${chat.id}` },
    details: { operator: operator.id, from: chat.operatorId },
  });
  await tellHandover(tx, chat, operator, {
    key: 'taken_over',
    values: { from: from ?? '', note: '', visitor: await visitorOf(tx, chat), number },
  });
  // The lines are in it.
  tx.chats.setParticipant(chat.id, operator.id, 'offered', chat.lastNumber);
  await takeChat(tx, chat, operator, 'taken_over_by');
}
