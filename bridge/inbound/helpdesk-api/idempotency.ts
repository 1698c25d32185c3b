import { createHash } from 'node:crypto';
import type { Transactions, Tx } from '../../domain/ports.js';
import { FoyerError } from '../../shared/errors.js';
import type { Answer, Request } from '../http/route.js';
import { keyOf } from './own.js';

const KEY = /^[\x21-\x7e]{1,100}$/;

/** The header's value; null when there is none. @throws FoyerError `invalid_request` */
export function idempotencyKey({ ctx }: Pick<Request, 'ctx'>): string | null {
  const key = ctx.get('idempotency-key');
  if (key === '') return null;
  if (!KEY.test(key))
    throw new FoyerError('invalid_request', 'Idempotency-Key: must be 1 to 100 visible ASCII characters.');
  return key;
}

/**
 * Does the work in one transaction; with an Idempotency-Key only once. The key is taken in the same transaction, so
 * that there is never an effect without it. A repeat gets the answer of the first time; a refusal takes no key, since
 * it changed nothing.
 * @throws FoyerError `idempotency_conflict` when the key named another request
 */
export async function once(
  transactions: Transactions,
  request: Request,
  work: (tx: Tx) => Promise<{ status: number; body: unknown }>,
): Promise<Answer> {
  const key = idempotencyKey(request);
  if (key === null) return transactions.alone(work);
  const caller = keyOf(request);
  const source = caller.supervisor ? `supervisor:${caller.supervisor.operatorId}` : `helpdesk:${caller.instanceId}`;
  const requestHash = hashOf(request);
  return transactions.alone(async (tx) => {
    const first = await tx.receipts.answer(source, key);
    if (first === undefined) {
      const { status, body } = await work(tx);
      tx.receipts.keepAnswer(source, key, { requestHash, status, body });
      return { status, body };
    }
    if (!first.requestHash.equals(requestHash))
      throw new FoyerError('idempotency_conflict', 'This Idempotency-Key was used with another request.');
    return { status: first.status, body: first.body, headers: { 'Idempotency-Replayed': 'true' } };
  });
}

function hashOf({ ctx, body }: Request): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([ctx.method, ctx.path, body]))
    .digest();
}
