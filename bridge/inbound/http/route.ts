import type { Context } from 'koa';
import type { z } from 'zod';
import type { KeyCredential, Scope, VisitorCredential } from '../../domain/reads.js';
import type { ErrorCode } from '../../shared/errors.js';

/** One endpoint as data: what it reads, who may call it, what it answers. The router, the checks and the OpenAPI document all come from it. */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `:name` for parameters. */
  path: string;
  operationId: string;
  summary: string;
  tag: string;
  auth: Auth;
  params?: P;
  query?: Q;
  body?: B;
  /** The body may be left out. */
  bodyOptional?: boolean;
  /** Bytes; 256 KB where nothing is said. */
  bodyLimit?: number;
  /** Comes with each message, mark or page view: too often for a line of its own at info. */
  frequent?: boolean;
  /** Begins a chat: counted apart from what runs already. */
  begins?: boolean;
  /** Reads the header Idempotency-Key, and says by Idempotency-Replayed that an answer is the one of the first time. */
  idempotencyKey?: boolean;
  /** For those who accept `text/event-stream`: what the data of each event is. The header Last-Event-ID resumes, where events have ids. */
  stream?: z.ZodType;
  /** What the handler itself refuses with; what the checks before it refuse with follows from the rest of the table. */
  refusals?: readonly ErrorCode[];
  /** By status. */
  answers: Record<number, RouteAnswer>;
  /** Answers by itself (a stream) when it returns nothing. */
  handle: (request: Request<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Answer | undefined>;
}

/** What a status comes with. */
export interface RouteAnswer {
  description: string;
  /** Of JSON; null for an empty answer. */
  schema: z.ZodType | null;
  /** Content types beside JSON, where the caller may choose: texts. */
  otherTypes?: readonly string[];
}

export type Auth = { kind: 'none' } | { kind: 'visitor'; optional?: boolean } | { kind: 'key'; scope: Scope };

export interface Request<P = unknown, Q = unknown, B = unknown> {
  params: P;
  query: Q;
  body: B;
  /** The client's address, as far as the proxy settings let it be believed. */
  address: string;
  requestId: string;
  visitor: VisitorCredential | null;
  key: KeyCredential | null;
  ctx: Context;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Ties the schemas of a route to the type of its handler. */
export function defineRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  route: Route<P, Q, B>,
): Route {
  return route as unknown as Route;
}
