/**
 * What went wrong with an admin command, in the words that a caller decides on.
 * - `unreachable`: no connection, a timeout, or an answer that isn't ejabberd's.
 * - `denied`: the API account is unknown, has another password, or may not run the command.
 * - `unknown_command`: this ejabberd doesn't have it (for `foyer_*`: mod_foyer isn't loaded).
 * - `conflict`, `not_found`: the thing exists already, or doesn't.
 * - `invalid`: ejabberd will never take these arguments.
 * - `failed`: ejabberd tried and couldn't.
 */
export type EjabberdErrorCode =
  'unreachable' | 'denied' | 'unknown_command' | 'conflict' | 'not_found' | 'invalid' | 'failed';

/** Carries no argument of the command: those hold passwords. */
export class EjabberdError extends Error {
  override readonly name = 'EjabberdError';
  /** Worth trying again later, unchanged: even `denied` and `unknown_command` end once somebody has set ejabberd straight. */
  readonly retryable: boolean;

  constructor(
    readonly code: EjabberdErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.retryable = code !== 'invalid';
  }
}

/** `mod_http_api`'s own error codes inside the JSON answer. */
const CODE_ENDPOINT_MISSING = 40;
const CODE_COMMAND_MISSING = 44;
/** `cannot_register`: one code for a hopeless name and for a database that is down; only the text tells them apart. */
const CODE_CANNOT_REGISTER = 10001;
const HOPELESS_REGISTRATION = /malformed username|unacceptable characters|unknown virtual host|not strong enough/i;

interface Refusal {
  code: number;
  text: string;
}

function readRefusal(body: unknown): Refusal {
  if (typeof body === 'string') {
    return { code: 0, text: body };
  }
  if (typeof body === 'object' && body !== null) {
    const { code, message } = body as { code?: unknown; message?: unknown };
    return { code: typeof code === 'number' ? code : 0, text: typeof message === 'string' ? message : '' };
  }
  return { code: 0, text: '' };
}

function codeOf(status: number, { code, text }: Refusal): EjabberdErrorCode {
  if (
    text === 'unknown_command' ||
    (status === 404 && (code === CODE_ENDPOINT_MISSING || code === CODE_COMMAND_MISSING))
  ) {
    return 'unknown_command';
  }
  if (status === 401 || status === 403) {
    return 'denied';
  }
  if (status === 404) {
    return 'not_found';
  }
  if (status === 409) {
    return 'conflict';
  }
  if (status === 400 || status === 413) {
    return 'invalid';
  }
  if (code === CODE_CANNOT_REGISTER && HOPELESS_REGISTRATION.test(text)) {
    return 'invalid';
  }
  return status >= 500 ? 'failed' : 'unreachable';
}

/** The error for a status that isn't 200, whose JSON `body` has been parsed (or is the raw text where it isn't JSON). */
export function errorFromAnswer(command: string, status: number, body: unknown): EjabberdError {
  const refusal = readRefusal(body);
  const text = refusal.text === '' ? '' : `: ${refusal.text.slice(0, 200)}`;
  return new EjabberdError(codeOf(status, refusal), `ejabberd answered ${status} to ${command}${text}`);
}
