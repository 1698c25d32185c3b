/**
 * Why an XMPP session can't do what was asked.
 * - `not-authorized`: no such account, or another password. The account has to be provisioned again.
 * - `unreachable`: no connection, or the server didn't get as far as a session.
 * - `closed`: the connection ended before the server acknowledged; whether it took the stanza isn't known.
 * - `conflict`: another login of the same account took the session over.
 * - `unsupported`: the server lacks what Foyer needs; its operator has to change that.
 * - `busy`: as many sessions are open as may be.
 * - `shutdown`: this process is ending.
 * - `fenced`: this process isn't sure that the account's session is still its own to have.
 */
export type SessionErrorCode =
  'not-authorized' | 'unreachable' | 'closed' | 'conflict' | 'unsupported' | 'busy' | 'shutdown' | 'fenced';

export class SessionError extends Error {
  override readonly name = 'SessionError';
  /** Worth trying again later, unchanged. */
  readonly retryable: boolean;

  constructor(
    readonly code: SessionErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.retryable = code !== 'not-authorized';
  }
}

export function fenced(): SessionError {
  return new SessionError('fenced', 'this process may have lost the session to another one');
}

/** `cause` as a session error: SASL refusals, stream errors and socket errors each have their own way to say it. */
export function toSessionError(cause: unknown): SessionError {
  if (cause instanceof SessionError) {
    return cause;
  }
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const condition = 'condition' in error && typeof error.condition === 'string' ? error.condition : '';
  if (error.name === 'SASLError' && condition !== 'temporary-auth-failure') {
    return new SessionError('not-authorized', `the login was refused (${condition})`);
  }
  if (error.name === 'StreamError' && condition === 'conflict') {
    return new SessionError('conflict', 'another login took the session over');
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new SessionError('unreachable', `no XMPP session: ${condition || code || error.message || error.name}`);
}
