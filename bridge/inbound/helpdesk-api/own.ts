import type { Chat } from '../../domain/chats/chat.js';
import type { ChatView } from '../../domain/helpdesk-reads.js';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import type { Visitor } from '../../domain/visitors/visitor.js';
import { FoyerError } from '../../shared/errors.js';
import type { Request } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';

/** What a key may see. Things of another instance are as unknown as those that don't exist. */

/** The key of a request whose route asks for one. */
export function keyOf({ key }: Pick<Request, 'key'>): KeyCredential {
  if (key === null) throw new Error('A helpdesk route without a key');
  return key;
}

/** Who the audit says did it. */
export function actorOf({ keyId }: KeyCredential): string {
  return `key:${keyId}`;
}

export async function lockChat(tx: Tx, { instanceId }: KeyCredential, id: number): Promise<Chat> {
  const chat = await tx.chats.lock(id);
  if (chat?.instanceId !== instanceId) throw noChat();
  return chat;
}

export async function readChat(
  deps: Pick<HelpdeskApiDeps, 'helpdeskReads'>,
  { instanceId }: Pick<KeyCredential, 'instanceId'>,
  id: number,
): Promise<ChatView> {
  const view = await deps.helpdeskReads.chat(instanceId, id);
  if (!view) throw noChat();
  return view;
}

/** An operator who may act: of this instance and not disabled. */
export async function activeOperator(tx: Tx, { instanceId }: KeyCredential, id: number): Promise<Operator> {
  const operator = await tx.operators.get(id);
  if (operator?.instanceId !== instanceId || operator.disabled)
    throw new FoyerError('not_found', 'There is no such operator.');
  return operator;
}

/** The visitor of this id, made when there is none; locked. */
export async function findOrMakeVisitor(
  tx: Tx,
  instanceId: number,
  externalId: string,
  deskId: number | null,
): Promise<Visitor> {
  return (
    (await tx.visitors.byExternalId(instanceId, externalId)) ??
    (await tx.visitors.create({ instanceId, deskId, externalId }))
  );
}

function noChat(): FoyerError {
  return new FoyerError('not_found', 'There is no such chat.');
}
