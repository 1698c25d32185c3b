import type { Outcome } from '../../domain/outbox/entry.js';
import { EjabberdError } from '../ejabberd/admin-errors.js';
import { SessionError } from './session-error.js';

export const DONE: Outcome = { result: 'done' };

/**
 * What an error of ejabberd's API or of a session means for the entry that met it. Only what ejabberd will never take is
 * dead; a refused login isn't, since the account can be provisioned again. An error of another kind isn't expected: the entry
 * stays, and the text says what it was.
 */
export function outcomeOf(error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof EjabberdError && !error.retryable ? { result: 'dead', reason } : { result: 'retry', reason };
}

export function isRefusedLogin(error: unknown): boolean {
  return error instanceof SessionError && error.code === 'not-authorized';
}
