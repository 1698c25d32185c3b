import type { Chat } from '../../domain/chats/chat.js';
import type { Tx } from '../../domain/ports.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import type { VisitorApiDeps } from './deps.js';

/** A chat of somebody else is as unknown as one that doesn't exist. */
export async function lockOwn(tx: Tx, credential: VisitorCredential | null, id: number): Promise<Chat> {
  const chat = await tx.chats.lock(id);
  if (!chat || chat.visitorId !== credential?.visitorId) throw new FoyerError('not_found', 'There is no such chat.');
  return chat;
}

export async function ownChat(
  deps: Pick<VisitorApiDeps, 'reads'>,
  credential: VisitorCredential | null,
  id: number,
): Promise<Chat> {
  const chat = credential && (await deps.reads.chat(credential.instanceId, id));
  if (!chat || chat.visitorId !== credential.visitorId) throw new FoyerError('not_found', 'There is no such chat.');
  return chat;
}
