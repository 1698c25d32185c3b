import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { z } from 'zod';
import {
  newSessionSecret,
  SESSION_HOURS,
  startPageSession,
  type HashSecret,
} from '../../domain/operators/page-session.js';
import type { Transactions } from '../../domain/ports.js';
import { SCOPES, type PageSessions, type Supervisor } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import type { Ids } from '../../shared/ids.js';
import { identityToken } from '../visitor-api/identity.js';
import { signInBySite } from './sign-in-by-site.js';
import type { Guesses } from '../http/guesses.js';
import type { SessionCookie } from '../http/session-cookie.js';
import type { Who } from '../http/mount.js';
import { defineRoute, type Answer, type Route } from '../http/route.js';

const SECRET = /^[\x21-\x7e]{20,100}$/;
/** What the page repeats with each change: another site's page can't read it, and can't send the header. */
const PROOF_HEADER = 'x-foyer-proof';

export interface SupervisorSessionDeps {
  transactions: Transactions;
  sessions: Pick<PageSessions, 'supervisors'>;
  ids: Ids;
  hashSecret: HashSecret;
  guesses: Guesses;
  cookie: SessionCookie;
  /** Origins at which this bridge's own pages are. */
  ownOrigins: ReadonlySet<string>;
}

const sessionShape = z.object({
  operator: z.int(),
  name: z.string(),
  proof: z.string().meta({ description: `Goes into the header ${PROOF_HEADER} of each call that changes something.` }),
  departments: z.array(z.object({ id: z.int(), level: z.enum(['monitor', 'manage']) })),
});

/** Signing in to the supervisors' page, and out. The session is in a cookie that scripts can't read and other sites don't send. */
export function sessionRoutes(deps: SupervisorSessionDeps): Route[] {
  return [signInRoute(deps), whoRoute(deps), signOutRoute(deps)];
}

/**
 * Who asks, by the session's cookie; looked up with each call, so that what is revoked holds no longer. A change must come from the page itself.
 */
export function signedInSupervisor(deps: SupervisorSessionDeps): (ctx: Context, route: Route) => Promise<Who> {
  return async (ctx, { method }) => {
    const { secret, supervisor } = await signedIn(ctx, deps);
    if (method !== 'get') {
      checkOrigin(ctx, deps);
      const [given, proof] = [Buffer.from(ctx.get(PROOF_HEADER)), Buffer.from(proofOf(secret))];
      if (given.length !== proof.length || !timingSafeEqual(given, proof))
        throw new FoyerError('forbidden', `The header ${PROOF_HEADER} isn’t this session’s.`);
    }
    const { instanceId } = supervisor;
    // A person at the page is none of the instance's programs: its limit on those isn't this one's.
    const unlimited = { messagesPerMinute: null, requestsPerMinute: null };
    const key = { keyId: 0, instanceId, suspended: false, scopes: new Set(SCOPES), supervisor, ...unlimited };
    return { visitor: null, key };
  };
}

function signInRoute(deps: SupervisorSessionDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/session',
    operationId: 'startSupervisorSession',
    summary: 'Exchange a link’s token, or the site’s word, once for a session in a cookie',
    tag: 'supervisors’ page',
    auth: { kind: 'none' },
    body: z
      .strictObject({
        token: z.string().regex(SECRET).optional().meta({ description: 'Of a link.' }),
        identity: identityToken.optional().meta({ description: 'The site’s word.' }),
      })
      .refine(({ token, identity }) => (token === undefined) !== (identity === undefined), {
        message: 'token or identity',
        path: ['token'],
      }),
    refusals: ['token_invalid', 'identity_invalid', 'origin_refused'],
    answers: { 200: { description: 'Signed in.', schema: sessionShape } },
    handle: async ({ body, ctx, address }) => {
      const { transactions, ids, hashSecret, guesses, sessions, cookie } = deps;
      checkOrigin(ctx, deps);
      const secret = newSessionSecret(ids);
      const { token, identity = '' } = body;
      await guesses.check(address, token ?? identity);
      try {
        await transactions.alone((tx) =>
          token === undefined
            ? signInBySite(tx, hashSecret, identity, secret)
            : startPageSession(tx, hashSecret, 'supervisor', token, secret),
        );
      } catch (error) {
        if (error instanceof FoyerError) await guesses.wrong(address, undefined);
        throw error;
      }
      const [supervisor] = await sessions.supervisors([hashSecret(secret)]);
      if (!supervisor) throw unauthenticated();
      return {
        ...answer(supervisor, secret),
        headers: { 'Set-Cookie': cookie.write(ctx, secret, SESSION_HOURS * 3600) },
      };
    },
  });
}

function whoRoute(deps: SupervisorSessionDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/session',
    operationId: 'getSupervisorSession',
    summary: 'Who is signed in, and what it supervises',
    tag: 'supervisors’ page',
    auth: { kind: 'none' },
    refusals: ['unauthenticated'],
    answers: { 200: { description: 'The session.', schema: sessionShape } },
    handle: async ({ ctx }) => {
      const { supervisor, secret } = await signedIn(ctx, deps);
      return answer(supervisor, secret);
    },
  });
}

function signOutRoute(deps: SupervisorSessionDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/session',
    operationId: 'endSupervisorSession',
    summary: 'Sign out of the supervisors’ page',
    tag: 'supervisors’ page',
    auth: { kind: 'none' },
    refusals: ['origin_refused'],
    answers: { 204: { description: 'Signed out, if one was signed in.', schema: null } },
    handle: async ({ ctx }) => {
      const { transactions, hashSecret, cookie } = deps;
      checkOrigin(ctx, deps);
      const secret = cookie.read(ctx);
      if (secret !== undefined)
        await transactions.alone((tx) => Promise.resolve(tx.operatorSessions.end(hashSecret(secret))));
      return { status: 204, headers: { 'Set-Cookie': cookie.write(ctx, '', 0) } };
    },
  });
}

/** @throws FoyerError `unauthenticated` */
async function signedIn(
  ctx: Context,
  { sessions, hashSecret, cookie }: SupervisorSessionDeps,
): Promise<{ supervisor: Supervisor; secret: string }> {
  const secret = cookie.read(ctx);
  const [supervisor] = secret === undefined ? [] : await sessions.supervisors([hashSecret(secret)]);
  if (secret === undefined || !supervisor) throw unauthenticated();
  return { supervisor, secret };
}

function unauthenticated(): FoyerError {
  return new FoyerError('unauthenticated', 'Not signed in, or no longer: ask for a new link.');
}

/** Browsers say with each change from where it comes. @throws FoyerError `origin_refused` */
function checkOrigin(ctx: Context, { ownOrigins }: SupervisorSessionDeps): void {
  const origin = ctx.get('origin');
  if (!ownOrigins.has(origin) && (origin === '' || ctx.state['origin'] !== origin))
    throw new FoyerError('origin_refused', 'This doesn’t come from the page itself.');
}

function answer({ operatorId, name, reach }: Supervisor, secret: string): Answer {
  const departments = [...reach].map(([id, level]) => ({ id, level }));
  return { status: 200, body: { operator: operatorId, name, proof: proofOf(secret), departments } };
}

/** Says nothing of the secret, and can't be known without it. */
function proofOf(secret: string): string {
  return createHash('sha256').update(`proof:${secret}`).digest('base64url');
}
