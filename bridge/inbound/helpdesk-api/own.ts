import type { Chat } from '../../domain/chats/chat.js';
import type { ChatView } from '../../domain/helpdesk-reads.js';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import type { Level } from '../../domain/supervision/supervised-by.js';
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
export function actorOf({ keyId, supervisor }: KeyCredential): string {
  return supervisor ? `operator:${supervisor.operatorId}` : `key:${keyId}`;
}

/**
 * Whoever is signed in as a supervisor acts in its own departments alone. One that it doesn't see is as unknown as one that doesn't exist.
 * @throws FoyerError `not_found` | `forbidden` where it may look and no more
 */
export function checkReach(
  { supervisor }: Pick<KeyCredential, 'supervisor'>,
  departmentId: number,
  level: Level,
  what: string,
): void {
  const own = supervisor ? supervisor.reach.get(departmentId) : 'manage';
  if (own === undefined) throw new FoyerError('not_found', `There is no such ${what}.`);
  if (level === 'manage' && own === 'monitor')
    throw new FoyerError('forbidden', 'You monitor this department; changing something takes the level manage.');
}

/** Ids of the departments that whoever asks may look into, or change; undefined: all of them. */
export function departmentsOf(
  { supervisor }: Pick<KeyCredential, 'supervisor'>,
  level: Level = 'monitor',
): number[] | undefined {
  if (!supervisor) return undefined;
  return [...supervisor.reach].filter(([, own]) => level === 'monitor' || own === 'manage').map(([id]) => id);
}

/** To change it, or with `monitor` for what who monitors may do beside. */
export async function lockChat(tx: Tx, key: KeyCredential, id: number, level: Level = 'manage'): Promise<Chat> {
  const chat = await tx.chats.lock(id);
  if (chat?.instanceId !== key.instanceId) throw noChat();
  checkReach(key, chat.departmentId, level, 'chat');
  return chat;
}

export async function readChat(
  deps: Pick<HelpdeskApiDeps, 'helpdeskReads'>,
  key: Pick<KeyCredential, 'instanceId' | 'supervisor'>,
  id: number,
): Promise<ChatView> {
  const view = await deps.helpdeskReads.chat(key.instanceId, id);
  if (!view) throw noChat();
  checkReach(key, view.chat.departmentId, 'monitor', 'chat');
  return view;
}

/** An operator who may act: of this instance, not disabled, and in a department that whoever asks sees. */
export async function activeOperator(tx: Tx, key: KeyCredential, id: number): Promise<Operator> {
  const operator = await tx.operators.get(id);
  const seen = departmentsOf(key);
  const own = seen && (await tx.operators.departments(id));
  if (operator?.instanceId !== key.instanceId || operator.disabled || own?.some((one) => seen?.includes(one)) === false)
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
