import { FoyerError } from '../../shared/errors.js';
import type { Ids } from '../../shared/ids.js';
import type { Tx } from '../ports.js';
import type { Operator } from './operator.js';

/** From the making of a link to its use. */
export const LINK_MINUTES = 10;
/** A working day, and a bit. */
export const SESSION_HOURS = 12;
/** Of one operator, of each kind: the oldest goes when there is one more. */
export const AT_MOST = 10;

const SECRET_BYTES = 32;

export interface OperatorSessionStore {
  /** Holds for so many seconds by the database's clock; of one operator only the newest few are kept. @returns until when */
  create(operator: Operator, kind: 'link' | 'session', hash: Buffer, seconds: number): Promise<Date>;
  /** Locks and removes a link that holds. @returns whose it was */
  takeLink(hash: Buffer): Promise<{ instanceId: number; operatorId: number } | undefined>;
  end(hash: Buffer): void;
}

export type HashSecret = (secret: string) => Buffer;

/** 256 random bits. */
export function newSessionSecret(ids: Pick<Ids, 'secret'>): string {
  return ids.secret(SECRET_BYTES);
}

/**
 * A secret that signs this operator in to the operators' page, once and within {@link LINK_MINUTES}. Only its hash is stored.
 * @returns until when it holds
 * @throws FoyerError `conflict` when the operator is disabled
 */
export async function createSignInLink(tx: Tx, hash: HashSecret, operator: Operator, secret: string): Promise<Date> {
  if (operator.disabled) throw new FoyerError('conflict', 'This operator is disabled.');
  return tx.operatorSessions.create(operator, 'link', hash(secret), LINK_MINUTES * 60);
}

/**
 * Uses up a link for a session of {@link SESSION_HOURS}.
 * @throws FoyerError `token_invalid` when the link was used, is over, or never was; or when the operator was disabled since
 */
export async function startPageSession(tx: Tx, hash: HashSecret, link: string, secret: string): Promise<Operator> {
  const found = await tx.operatorSessions.takeLink(hash(link));
  const operator = found && (await tx.operators.lock(found.instanceId, found.operatorId));
  if (!operator || operator.disabled)
    throw new FoyerError('token_invalid', 'This link was used already, or it is over. Ask for a new one.');
  await tx.operatorSessions.create(operator, 'session', hash(secret), SESSION_HOURS * 3600);
  return operator;
}
