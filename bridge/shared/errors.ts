/** Every refusal that a client of Foyer can meet, with its HTTP status. The codes are part of the API: they never change meaning. */
export const ERROR_STATUS = {
  /** A field is missing, unknown, of the wrong type or out of bounds; `details.issues` names each. */
  invalid_request: 422,
  /** The body isn't JSON. */
  invalid_json: 400,
  /** The body has a content type that this route doesn't read. */
  unsupported_media_type: 415,
  /** The body is larger than this route reads. */
  body_too_large: 413,
  /** What came isn’t HTTP. */
  malformed_http: 400,
  /** The request line and headers are larger than 16 KB. */
  headers_too_large: 431,
  /** The request took too long to come. */
  request_timeout: 408,
  /** No credential, or one of the wrong kind. */
  unauthenticated: 401,
  /** The visitor token is unknown, expired or revoked: begin again without one. */
  token_invalid: 401,
  /** The page's token goes with a member, and the page's identity is another's or gone: begin again without it. */
  identity_changed: 401,
  /** The webhook signature is missing, wrong, too old or from the future. */
  signature_invalid: 401,
  /** The key may not do this. */
  forbidden: 403,
  /** What should say who the visitor is isn't the site's word for this desk, or too old; `reason` says more. */
  identity_invalid: 403,
  /** The desk is for visitors whom the site says who they are. */
  members_only: 403,
  /** The site lets this member in, but not chat. */
  not_permitted: 403,
  /** The operator's access in the chat's department doesn't let it do this with chats of others. */
  not_supervisor: 403,
  /** The instance is suspended: whoever hosts it knows why. */
  instance_suspended: 403,
  /** The site can't be asked at the moment who is signed in; the same call may work later. */
  identity_unavailable: 503,
  /** The page's origin isn't on the desk's list. */
  origin_refused: 403,
  /** No such route. */
  route_not_found: 404,
  /** The route exists, but not with this method. */
  method_not_allowed: 405,
  /** No such thing, or not one that this credential may see. */
  not_found: 404,
  /** The chat is closed: begin another. */
  chat_closed: 409,
  /** The chat is held by another operator. */
  chat_taken: 409,
  /** The operator isn't online, or takes no chats now. */
  operator_absent: 409,
  /** The operator has as many chats as it may have at a time. */
  operator_full: 409,
  /** The state of the thing doesn't allow this. */
  conflict: 409,
  /** The instance has as many of these as it may have. */
  limit_reached: 409,
  /** This Idempotency-Key was used with another request. */
  idempotency_conflict: 409,
  /** The desk takes no chats now. */
  desk_closed: 409,
  /** The visitor, or its address, may not chat at this desk, for a time or for good. */
  banned: 409,
  /** The desk doesn't send pages there; `reason` says why: `off`, `address` or `other_site`. */
  redirect_refused: 422,
  /** This bridge sends no mail: none of its settings names a server. */
  mail_disabled: 409,
  /** The desk is out of use: its widget shows itself nowhere. */
  desk_inactive: 409,
  /** The desk asks something before a chat; `details.issues` names each question whose answer is missing or can’t be taken. */
  answers_refused: 422,
  /** The text is longer than a message may be (30 KB by default). */
  message_too_long: 413,
  /** The chat has reached its total size (2 MB by default). */
  chat_full: 413,
  /** Too many requests; `Retry-After` says when to come back. */
  rate_limited: 429,
  /** ejabberd could not be reached or refused; the same call may work later. */
  ejabberd_unavailable: 503,
  /** The database could not be reached; nothing was stored. */
  database_unavailable: 503,
  /** The bridge is shutting down. */
  shutting_down: 503,
  /** Foyer's own fault. The log has the request's id. */
  internal: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** A refusal with a stable code. `message` is for the client's developer and never holds a secret or a message's text. */
export class FoyerError extends Error {
  override readonly name = 'FoyerError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** What went wrong, in one line, for logs and `last_error` columns. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const message = plainMessage(error);
  const text = message.startsWith(code) ? message : code + message;
  return text.slice(0, 500);
}

/** MySQL's errors about logins, grants and the schema: they quote names alone. */
const QUOTES_NAMES: ReadonlySet<unknown> = new Set([1040, 1044, 1045, 1049, 1054, 1142, 1146]);

/** MySQL's other errors quote what people wrote: the key or column that they name last says enough. */
export function plainMessage(error: Error): string {
  const { code, errno, sqlState } = error as { code?: unknown; errno?: unknown; sqlState?: unknown };
  if (sqlState === undefined || QUOTES_NAMES.has(errno)) return error.message;
  const where = /for (?:key|column) '[\w.$-]+'(?: at row \d+)?$/.exec(error.message)?.[0];
  return [`${String(code)}: error ${String(errno)} of the database`, where].filter(Boolean).join(' ');
}
