import { FoyerError } from '../../shared/errors.js';
import type { Ids } from '../../shared/ids.js';
import { supervisedBy } from '../supervision/supervised-by.js';
import { operatorLocal } from '../accounts/jid-names.js';
import type { Instance } from '../instances/instance.js';
import type { Tx } from '../ports.js';
import type { Operator } from './operator.js';

/** From the making of a link to its use. */
export const LINK_MINUTES = 10;
/** A working day, and a bit. */
export const SESSION_HOURS = 12;
/** Of one operator, of each kind for each page: the oldest goes when there is one more. */
export const AT_MOST = 10;

const SECRET_BYTES = 32;
/** Source of the receipts of sites' words. */
const USED_WORDS = 'site-sign-in';

/** Where an operator works in a browser: answers, or supervises. The page’s address ends with it. */
export type StaffPage = 'operator' | 'supervisor';

export const STAFF_PAGES = ['operator', 'supervisor'] as const satisfies readonly StaffPage[];

export interface OperatorSessionStore {
  /** A link of 256 random bits, of which only the hash is kept; it holds for so many seconds by the database's clock. */
  createLink(operator: Operator, page: StaffPage, seconds: number): Promise<{ url: string; expiresAt: Date }>;
  /** Holds for so many seconds by the database's clock; of one operator only the newest few are kept. */
  createSession(operator: Operator, page: StaffPage, hash: Buffer, seconds: number): Promise<void>;
  /** Locks and removes a link that holds. @returns whose it was */
  takeLink(page: StaffPage, hash: Buffer): Promise<{ instanceId: number; operatorId: number } | undefined>;
  end(hash: Buffer): void;
}

export type HashSecret = (secret: string) => Buffer;

/** 256 random bits. */
export function newSessionSecret(ids: Pick<Ids, 'secret'>): string {
  return ids.secret(SECRET_BYTES);
}

/**
 * An address that signs this operator in to a page, once and within {@link LINK_MINUTES}.
 * @throws FoyerError `conflict` when the operator is disabled, or supervises nothing and the page is for those who do
 */
export async function createSignInLink(
  tx: Tx,
  operator: Operator,
  page: StaffPage,
): Promise<{ url: string; expiresAt: Date }> {
  if (operator.disabled) throw new FoyerError('conflict', 'This operator is disabled.');
  if (page === 'supervisor' && (await supervisedBy(tx, operator)).size === 0)
    throw new FoyerError('conflict', 'This operator monitors and manages no department.');
  return tx.operatorSessions.createLink(operator, page, LINK_MINUTES * 60);
}

/**
 * Uses up a link for a session of {@link SESSION_HOURS}.
 * @throws FoyerError `token_invalid` when the link was used, is over, or never was; or when the operator was disabled since, or lost the level
 */
export async function startPageSession(
  tx: Tx,
  hash: HashSecret,
  page: StaffPage,
  link: string,
  secret: string,
): Promise<Operator> {
  const found = await tx.operatorSessions.takeLink(page, hash(link));
  const operator = found && (await tx.operators.lock(found.instanceId, found.operatorId));
  if (!operator || !(await mayEnter(tx, operator, page)))
    throw new FoyerError('token_invalid', 'This link was used already, or it is over. Ask for a new one.');
  return begin(tx, operator, page, hash(secret));
}

/**
 * For a site's word that somebody is the operator of this user name. It counts once.
 * @param word hash of it
 * @throws FoyerError `identity_invalid` when there is no such operator, it may not enter, or the word was used already
 */
export async function startSessionBySite(
  tx: Tx,
  page: StaffPage,
  { instance, username, word }: { instance: Instance; username: string; word: Buffer },
  session: Buffer,
): Promise<Operator> {
  const account = await tx.accounts.byJid(instance.host, operatorLocal(username, instance.name));
  const found = account?.kind === 'operator' ? await tx.operators.byAccount(account.id) : undefined;
  const operator = found && (await tx.operators.lock(instance.id, found.id));
  if (!operator || !(await mayEnter(tx, operator, page)))
    throw new FoyerError('identity_invalid', 'There is no operator of this name who may enter.', {
      reason: 'operator',
    });
  const id = word.toString('base64url');
  const used = await tx.receipts.known(USED_WORDS, [id]);
  if (used.has(id)) throw new FoyerError('identity_invalid', 'This was used already.', { reason: 'used' });
  tx.receipts.take(USED_WORDS, id);
  return begin(tx, operator, page, session);
}

async function begin(tx: Tx, operator: Operator, page: StaffPage, session: Buffer): Promise<Operator> {
  await tx.operatorSessions.createSession(operator, page, session, SESSION_HOURS * 3600);
  tx.audit.add({
    ...{ instanceId: operator.instanceId, actor: `operator:${operator.id}`, action: `${page}.sign-in` },
    subject: `operator:${operator.id}`,
  });
  return operator;
}

async function mayEnter(tx: Tx, operator: Operator, page: StaffPage): Promise<boolean> {
  if (operator.disabled) return false;
  return page === 'operator' || (await supervisedBy(tx, operator)).size > 0;
}
