import { FoyerError } from '../../shared/errors.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { visitorOf } from '../queue/give.js';
import { tellHandover } from '../queue/handover.js';
import { isOpen, type Chat } from './chat.js';
import { holdChat, takeChat } from './take-chat.js';

/** Who has a chat from now on, as the helpdesk has decided. */
export type Assignment =
  /** `by` null: the operator took it itself, in the helpdesk's pages. */
  | { operator: Operator; by: string | null; note: string }
  /** Nobody whom Foyer knows as an operator. */
  | { holder: string };

/**
 * What is so in the helpdesk is so here: whether there is room for the chat isn't asked. The operator reads the last lines in its XMPP client, everybody else who
 * was shown the chat, or had it, that it is taken. The same again changes nothing. The chat must be locked.
 * @throws FoyerError `chat_closed` | `conflict` for an invitation, which is its operator's, and for an operator while there is no contact
 */
export async function assignChat(tx: Tx, chat: Chat, assignment: Assignment): Promise<void> {
  if (!isOpen(chat)) throw new FoyerError('chat_closed', 'This chat is closed.');
  if (chat.state === 'invited')
    throw new FoyerError('conflict', 'An invitation is its operator’s until it is answered.');
  if ('holder' in assignment) {
    if (chat.heldBy === assignment.holder) return;
    await tx.queue.lock(chat.instanceId);
    return holdChat(tx, chat, assignment.holder);
  }
  const { operator, by, note } = assignment;
  if (chat.operatorId === operator.id) return;
  if (chat.noContact) throw new FoyerError('conflict', 'The chat waits for a contact; no operator can have it before.');
  await tx.queue.lock(chat.instanceId);
  await tellHandover(tx, chat, operator, {
    key: by === null ? 'taken_by_you' : 'handed_over',
    values: { from: by ?? operator.name, note, visitor: await visitorOf(tx, chat), number: chat.number },
  });
  // The lines are in it.
  tx.chats.setParticipant(chat.id, operator.id, 'offered', chat.lastNumber);
  await takeChat(tx, chat, operator, 'taken_in_helpdesk');
}
