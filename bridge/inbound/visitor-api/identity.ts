import { errors, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';
import type { Identity } from '../../domain/visitors/member.js';
import { FoyerError } from '../../shared/errors.js';
import { customFields, email, line } from './inputs.js';

/** A site's word on who its visitor is holds for so long at most. */
const HOURS_AHEAD = 24;
/** A browser stays a member's for so long after the last page view with an identity that holds. */
export const MEMBER_HOURS = 24;
/** Seconds by which the site's clock may be off. */
const CLOCK_GAP = 60;

/** What a page sends in place of a JWT where the site's own session says who is there. */
export const BY_SESSION = 'session';

export interface Verified extends Identity {
  /** The site's own session says it, and has to go on saying it. */
  bySession: boolean;
  /** It isn't only good for going on. */
  fresh: boolean;
  /** The site permits it, or says nothing of permissions. */
  mayChat: boolean;
}

/** What a page may send; longer ones are refused unread. Empty: nobody is signed in. */
export const identityToken = z
  .string()
  .max(8_000)
  .meta({
    description:
      'A JWT of the site, HS256 with the instance’s identity secret: `sub` (the site’s id of the person), `aud` (the instance, or instance/desk), `exp` ' +
      '(24 hours ahead at most), and perhaps `name`, `email`, `custom`, `groups`, and `permissions`, of which `chat` must be one where they are given. It has to come with every page view of a member. ' +
      '`session`: the site’s own cookie comes along, where the instance reads its sessions.',
  });

const claims = z.object({
  sub: line(190).refine((text) => text !== '', 'must not be empty'),
  exp: z.number(),
  name: line(100).nullish(),
  email: z.union([z.literal(''), email]).nullish(),
  custom: customFields(line(500)).nullish(),
  groups: z.array(z.string().max(100)).max(1000).nullish(),
  permissions: z.array(z.string().max(100)).max(100).nullish(),
});

export interface VerifyIdentity {
  /** Of the instance, newest first. */
  secrets: readonly string[];
  /** What the token may be made for. */
  audience: readonly string[];
  now: Date;
  /** The browser is a member's already: it may go on by what it was let in with, as long as its own token holds. */
  goesOn: boolean;
}

/**
 * Reads a site's word on who its visitor is. No algorithm but HS256 counts.
 * @throws FoyerError `identity_invalid`
 */
export async function verifyIdentity(
  token: string,
  { secrets, audience, now, goesOn }: VerifyIdentity,
): Promise<Verified> {
  if (secrets.length === 0) throw invalid('off', 'This instance has no identity secret.');
  const { sub, exp, name, email, custom, groups, permissions } = read(
    await payloadOf(token, secrets, { audience, now, goesOn }),
  );
  const left = exp - now.getTime() / 1000;
  if (left > HOURS_AHEAD * 3600 + CLOCK_GAP) throw invalid('expires_late', `exp is more than ${HOURS_AHEAD} h ahead.`);
  return {
    ...{ externalId: sub, nick: name || null, email: email || null, custom: custom ?? undefined },
    ...{ groups: groups ?? [], bySession: false },
    ...{ fresh: left > -CLOCK_GAP, mayChat: permissions?.includes('chat') ?? true },
  };
}

async function payloadOf(
  token: string,
  secrets: readonly string[],
  { audience, now, goesOn }: Omit<VerifyIdentity, 'secrets'>,
): Promise<JWTPayload> {
  for (const secret of secrets) {
    try {
      const { payload } = await jwtVerify(token, Buffer.from(secret), {
        ...{ algorithms: ['HS256'], audience: [...audience], requiredClaims: ['sub', 'exp'], currentDate: now },
        clockTolerance: goesOn ? MEMBER_HOURS * 3600 : CLOCK_GAP,
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      if (error instanceof errors.JWTExpired) throw invalid('expired', 'The identity is too old.');
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
        throw invalid('audience', `aud must be ${audience.join(' or ')}.`);
      throw invalid('malformed', 'The identity isn’t a JWT with HS256, sub and exp.');
    }
  }
  throw invalid('signature', 'The identity isn’t signed with this instance’s secret.');
}

function read(payload: JWTPayload): z.output<typeof claims> {
  const result = claims.safeParse(payload);
  if (result.success) return result.data;
  throw invalid(
    'claims',
    `Claims of the identity: ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
  );
}

function invalid(reason: string, message: string): FoyerError {
  return new FoyerError('identity_invalid', message, { reason });
}
