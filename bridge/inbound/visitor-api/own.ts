import type { Chat } from '../../domain/chats/chat.js';
import type { Tx } from '../../domain/ports.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import type { VisitorApiDeps } from './deps.js';
import { checkFit } from './member-check.js';

/**
 * A chat of somebody else is as unknown as one that doesn't exist.
 * @throws FoyerError `not_found` | `not_permitted`: a member may not be at the chat's desk any more
 */
export async function lockOwn(tx: Tx, credential: VisitorCredential | null, id: number): Promise<Chat> {
  const chat = await tx.chats.lock(id);
  if (!chat || chat.visitorId !== credential?.visitorId) throw new FoyerError('not_found', 'There is no such chat.');
  await checkFit(tx.instances, credential, chat.deskId);
  return chat;
}

/** The same without a lock. */
export async function ownChat(
  deps: Pick<VisitorApiDeps, 'reads'>,
  credential: VisitorCredential | null,
  id: number,
): Promise<Chat> {
  const chat = credential && (await deps.reads.chat(credential.instanceId, id));
  if (!chat || chat.visitorId !== credential.visitorId) throw new FoyerError('not_found', 'There is no such chat.');
  await checkFit(deps.reads, credential, chat.deskId);
  return chat;
}
