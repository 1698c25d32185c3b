import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { checkActive } from '../../domain/instances/instance.js';
import type { Credentials, KeyCredential, VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import type { Guesses } from './guesses.js';
import { parseJson, readBody } from './read-body.js';
import type { Answer, Auth, Request, Route } from './route.js';

/** Bytes of a JSON body where the route names no other bound: a 30 KB text with every character escaped fits. */
const BODY_LIMIT = 262_144;

export interface MountDeps {
  credentials: Credentials;
  /** Who asks at a door that isn't entered by the header Authorization. */
  authenticate?: (ctx: Context, route: Route) => Promise<Who>;
  /** Counts wrong credentials. */
  guesses?: Guesses;
  /** Runs after the credential is known and before the body is read: limits. */
  guard?: (request: Pick<Request, 'ctx' | 'address' | 'visitor' | 'key'>, route: Route) => Promise<void>;
}

/** Puts a table of routes on a router: credential, limits, shape, handler; in that order for every one of them. */
export function mount(routes: readonly Route[], deps: MountDeps): Router {
  const router = new Router();
  for (const route of routes) {
    router[route.method](route.path, async (ctx: Context) => {
      ctx.state['route'] = route.path;
      ctx.state['frequent'] = route.frequent;
      ctx.state['chat'] = route.path.startsWith('/chats/:id') ? chatOf(ctx) : undefined;
      const who = deps.authenticate?.(ctx, route) ?? authenticate(ctx, route.auth, deps);
      const { visitor, key } = await who;
      const early = { ctx, address: ctx.ip, visitor, key };
      await deps.guard?.(early, route);
      const request: Request = {
        ...early,
        requestId: ctx.state['requestId'] as string,
        params: check(route.params, (ctx as Context & { params: unknown }).params, 'path'),
        query: check(route.query, { ...ctx.query }, 'query'),
        body: await bodyOf(ctx, route),
      };
      const answer = await route.handle(request);
      if (answer) write(ctx, answer);
    });
  }
  return router;
}

/** For the log, whatever becomes of the request. */
function chatOf(ctx: Context): number | undefined {
  const { id = '' } = (ctx as Context & { params: Record<string, string | undefined> }).params;
  return /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}

async function bodyOf(ctx: Context, route: Route): Promise<unknown> {
  if (!route.body) return undefined;
  const raw = await readBody(ctx.req, route.bodyLimit ?? BODY_LIMIT);
  if (raw.length === 0 && route.bodyOptional === true) return check(route.body, {}, 'body');
  return check(route.body, parseJson(raw, ctx.get('content-type')), 'body');
}

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 20)
    .map((issue) => ({ in: where, path: issue.path.map(String).join('.'), message: issue.message }));
  const first = issues[0];
  throw new FoyerError(
    'invalid_request',
    `${first?.path === '' ? where : first?.path}: ${first?.message ?? 'malformed'}`,
    { issues },
  );
}

/** Whose request it is. */
export interface Who {
  visitor: VisitorCredential | null;
  key: KeyCredential | null;
}

async function authenticate(ctx: Context, auth: Auth, { credentials, guesses }: MountDeps): Promise<Who> {
  if (auth.kind === 'none') return { visitor: null, key: null };
  const header = ctx.get('authorization');
  if (auth.kind === 'visitor' && auth.optional === true && header === '') return { visitor: null, key: null };
  const given = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(header)?.[1];
  const who = given === undefined ? null : await lookUp(ctx.ip, given, auth, { credentials, guesses });
  if (!who) {
    await guesses?.wrong(ctx.ip, given);
    throw refusal(auth, given);
  }
  guesses?.right(given as string);
  checkActive({ state: (who.visitor ?? who.key)?.suspended === true ? 'suspended' : 'active' });
  if (auth.kind === 'key' && who.key?.scopes.has(auth.scope) !== true)
    throw new FoyerError('forbidden', `This key lacks the scope ${auth.scope}.`);
  return who;
}

async function lookUp(
  address: string,
  given: string,
  { kind }: Auth,
  { credentials, guesses }: Pick<MountDeps, 'credentials'> & { guesses: Guesses | undefined },
): Promise<Who | null> {
  await guesses?.check(address, given);
  const visitor = kind === 'visitor' ? await credentials.visitor(given) : null;
  const key = kind === 'key' ? await credentials.apiKey(given) : null;
  return visitor || key ? { visitor, key } : null;
}

function refusal({ kind }: Auth, given: string | undefined): FoyerError {
  if (kind === 'key') return new FoyerError('unauthenticated', 'The API key is missing, unknown, expired or revoked.');
  return new FoyerError(
    given === undefined ? 'unauthenticated' : 'token_invalid',
    'The visitor token is missing, unknown, expired or revoked.',
  );
}

function write(ctx: Context, { status, body, headers }: Answer): void {
  ctx.status = status;
  for (const [name, value] of Object.entries(headers ?? {})) ctx.set(name, value);
  if (body !== undefined) ctx.body = body;
  else if (status !== 204) ctx.body = null;
}
