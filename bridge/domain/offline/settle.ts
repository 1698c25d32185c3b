import { FoyerError } from '../../shared/errors.js';
import type { Tx } from '../ports.js';
import type { OfflineMessage } from './offline-message.js';

/**
 * Somebody has answered what a visitor left, or hasn't after all. Once more changes nothing.
 * @throws FoyerError `not_found`
 */
export async function settleOfflineMessage(
  tx: Tx,
  instanceId: number,
  id: number,
  { done, actor }: { done: boolean; actor: string },
): Promise<OfflineMessage> {
  const message = await tx.offlineMessages.lock(instanceId, id);
  if (!message) throw new FoyerError('not_found', 'There is no such message.');
  if ((message.doneAt !== null) === done) return message;
  const doneAt = done ? tx.now : null;
  tx.offlineMessages.setDone(id, doneAt);
  const action = done ? 'offline_message.done' : 'offline_message.open';
  tx.audit.add({ ...{ instanceId, actor, action, subject: `offline_message:${id}` } });
  return { ...message, doneAt };
}
