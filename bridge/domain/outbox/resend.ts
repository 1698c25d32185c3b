import { FoyerError } from '../../shared/errors.js';
import type { Tx } from '../ports.js';
import type { DeadLetter } from './dead-letter.js';
import { webhookId } from './webhook-id.js';

/**
 * Puts a dead letter back at the end of its lane, to be tried for as long as a new one. What the receiver has seen of
 * it before it knows again: stanza ids are part of the entry, and a callback keeps its `webhook-id`.
 * @throws FoyerError `not_found`
 */
export async function resendDeadLetter(tx: Tx, instanceId: number, id: number): Promise<DeadLetter> {
  const letter = await dropDeadLetter(tx, instanceId, id);
  const { entry } = letter;
  tx.outbox.again(
    entry.kind === 'helpdesk.callback'
      ? { ...letter, entry: { ...entry, webhookId: webhookId(letter, entry) } }
      : letter,
  );
  return letter;
}

/** @throws FoyerError `not_found` */
export async function dropDeadLetter(tx: Tx, instanceId: number, id: number): Promise<DeadLetter> {
  const letter = await tx.deadLetters.take(instanceId, id);
  if (!letter) throw new FoyerError('not_found', 'There is no such dead letter.');
  return letter;
}
