import { z } from 'zod';
import {
  newSessionSecret,
  SESSION_HOURS,
  startPageSession,
  type HashSecret,
} from '../../domain/operators/page-session.js';
import type { Transactions } from '../../domain/ports.js';
import type { PageOperator, PageSessions } from '../../domain/reads.js';
import { FoyerError, type ErrorCode } from '../../shared/errors.js';
import type { Ids } from '../../shared/ids.js';
import type { Guesses } from '../http/guesses.js';
import type { SessionCookie } from '../http/session-cookie.js';
import { defineRoute, type Route } from '../http/route.js';

/** One login's worth: the page asks for another whenever it connects again. */
const LOGIN_SECONDS = 300;
const SECRET = /^[\x21-\x7e]{20,100}$/;

export interface OperatorPageDeps {
  transactions: Transactions;
  sessions: PageSessions;
  ids: Ids;
  hashSecret: HashSecret;
  guesses: Guesses;
  cookie: SessionCookie;
  /** Of ejabberd, as browsers reach it. */
  websocketUrl: string;
  /** A token for a login to XMPP in the place of the password. */
  loginToken: (jid: string, seconds: number) => Promise<string>;
}

/** Before any of them the requests of its address are counted. */
export const OPERATOR_PAGE_REFUSALS: readonly ErrorCode[] = ['rate_limited'];

/** What the operators' page asks of the bridge, below /operator/v1. The session is in a cookie that scripts can't read and other sites don't send. */
export function operatorPageRoutes(deps: OperatorPageDeps): Route[] {
  return [signInRoute(deps), loginRoute(deps), signOutRoute(deps)];
}

function signInRoute({ transactions, ids, hashSecret, guesses, cookie }: OperatorPageDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/session',
    operationId: 'startOperatorSession',
    summary: 'Exchange a link’s token, once, for a session in a cookie',
    tag: 'operators’ page',
    auth: { kind: 'none' },
    body: z.strictObject({ token: z.string().regex(SECRET) }),
    refusals: ['token_invalid'],
    answers: { 204: { description: 'Signed in.', schema: null } },
    handle: async ({ body, ctx, address }) => {
      const secret = newSessionSecret(ids);
      await guesses.check(address, body.token);
      try {
        await transactions.alone(async (tx) => {
          await startPageSession(tx, hashSecret, 'operator', body.token, secret);
        });
      } catch (error) {
        if (error instanceof FoyerError) await guesses.wrong(address, undefined);
        throw error;
      }
      return { status: 204, headers: { 'Set-Cookie': cookie.write(ctx, secret, SESSION_HOURS * 3600) } };
    },
  });
}

function loginRoute({ sessions, cookie, websocketUrl, loginToken }: OperatorPageDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/login',
    operationId: 'operatorLogin',
    summary: 'What the page logs in to XMPP with, each time that it connects',
    tag: 'operators’ page',
    auth: { kind: 'none' },
    refusals: ['unauthenticated', 'ejabberd_unavailable'],
    answers: {
      200: {
        description: 'The password holds for one login soon after, by SASL X-OAUTH2.',
        schema: z.object({
          jid: z.string(),
          password: z.string(),
          websocket_url: z.string(),
          name: z.string(),
          language: z.string(),
        }),
      },
    },
    handle: async ({ ctx }) => {
      const { jid, name, language } = await signedIn(cookie.read(ctx), sessions);
      const password = await loginToken(jid, LOGIN_SECONDS).catch((cause: unknown) => {
        throw new FoyerError('ejabberd_unavailable', 'ejabberd didn’t give a login; try again soon.', {}, { cause });
      });
      return { status: 200, body: { jid, password, websocket_url: websocketUrl, name, language } };
    },
  });
}

function signOutRoute({ transactions, hashSecret, cookie }: OperatorPageDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/session',
    operationId: 'endOperatorSession',
    summary: 'Sign out of the operators’ page',
    tag: 'operators’ page',
    auth: { kind: 'none' },
    answers: { 204: { description: 'Signed out, if one was signed in.', schema: null } },
    handle: async ({ ctx }) => {
      const secret = cookie.read(ctx);
      if (secret !== undefined)
        await transactions.alone((tx) => Promise.resolve(tx.operatorSessions.end(hashSecret(secret))));
      return { status: 204, headers: { 'Set-Cookie': cookie.write(ctx, '', 0) } };
    },
  });
}

/** @throws FoyerError `unauthenticated` */
async function signedIn(secret: string | undefined, sessions: PageSessions): Promise<PageOperator> {
  const operator = secret === undefined ? null : await sessions.operator(secret);
  if (!operator) throw new FoyerError('unauthenticated', 'Not signed in, or no longer: ask for a new link.');
  return operator;
}
