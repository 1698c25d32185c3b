import type { Context, Middleware } from 'koa';
import type { Logger } from '../../observe/log.js';
import { FoyerError, describeError } from '../../shared/errors.js';

export function writeProblem(ctx: Context, error: FoyerError, requestId: string): void {
  ctx.status = error.status;
  const retryAfter = error.details['retryAfterSeconds'];
  if (typeof retryAfter === 'number') ctx.set('Retry-After', String(retryAfter));
  if (error.code === 'unauthenticated') ctx.set('WWW-Authenticate', 'Bearer');
  ctx.body = problemOf(error, requestId);
  ctx.type = PROBLEM_TYPE;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457. `code` is the stable part; `detail` is for a developer's eyes. */
export function problemOf(error: FoyerError, requestId: string): Record<string, unknown> {
  const { retryAfterSeconds: _hidden, ...details } = error.details;
  return {
    type: `urn:foyer:problem:${error.code}`,
    title: error.code.replaceAll('_', ' '),
    status: error.status,
    code: error.code,
    detail: error.message,
    request_id: requestId,
    ...details,
  };
}

/** The one place where a failure becomes an answer. What isn't a refusal of ours is logged whole and told as `internal`. */
export function problems(log: Logger): Middleware {
  return async (ctx, next) => {
    const requestId = ctx.state['requestId'] as string;
    try {
      await next();
    } catch (error) {
      if (ctx.headerSent || !ctx.writable) return;
      if (error instanceof FoyerError) {
        if (error.status >= 500)
          log.error(
            {
              request: requestId,
              chat: ctx.state['chat'] as number | undefined,
              code: error.code,
              cause: describeError(error.cause),
            },
            'request failed',
          );
        writeProblem(ctx, error, requestId);
        return;
      }
      log.error({ request: requestId, chat: ctx.state['chat'] as number | undefined, err: error }, 'request failed');
      writeProblem(
        ctx,
        new FoyerError('internal', 'Something went wrong here. The log has this request’s id.'),
        requestId,
      );
    }
  };
}
