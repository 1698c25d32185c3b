import { ERROR_STATUS, type ErrorCode } from '../../shared/errors.js';
import type { Auth, Route } from './route.js';

/** Codes by status, of the checks before a route and of its handler. Faults of Foyer's own are everywhere, and not here. */
export function refusalsOf(route: Route, before: readonly ErrorCode[] = []): Map<number, ErrorCode[]> {
  const codes = new Set<ErrorCode>([...before, ...ofAuth(route.auth), ...ofShape(route), ...(route.refusals ?? [])]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of Object.keys(ERROR_STATUS) as ErrorCode[]) {
    if (!codes.has(code)) continue;
    const status = ERROR_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function ofAuth({ kind }: Auth): ErrorCode[] {
  if (kind === 'none') return [];
  if (kind === 'key') return ['unauthenticated', 'forbidden', 'instance_suspended'];
  return ['unauthenticated', 'token_invalid', 'instance_suspended', 'identity_changed', 'identity_unavailable'];
}

function ofShape({ params, query, body, idempotencyKey }: Route): ErrorCode[] {
  return [
    ...(body ? (['invalid_json', 'unsupported_media_type', 'body_too_large'] as const) : []),
    ...(params || query || body ? (['invalid_request'] as const) : []),
    ...(idempotencyKey === true ? (['invalid_request', 'idempotency_conflict'] as const) : []),
  ];
}
