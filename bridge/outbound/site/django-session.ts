import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { inflateSync } from 'node:zlib';

/** The salts of Django's database sessions and of the hash that ties a session to a password (Django 3.1 to 5). */
const SESSION_SALT = 'django.contrib.sessions.SessionStore';
const LOGIN_SALT = 'django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash';
/** A session's data, unpacked. */
const MOST_BYTES = 1_000_000;

/** What of a session counts here. */
export interface DjangoLogin {
  userId: string;
  /** Changes with the password; null: none is there. */
  passwordHash: string | null;
}

/**
 * Reads `django_session.session_data`: `[.]base64:time:signature`, where the dot says that it is compressed.
 * @param secretKeys of the site, any of which may have signed it; none: whoever can write the table is trusted
 * @returns null: nobody is logged in in this session; undefined: it isn't one, or not signed by the site
 */
export function readDjangoSession(text: string, secretKeys: readonly string[]): DjangoLogin | null | undefined {
  const parts = /^(\.?[\w-]*:\w+):([\w-]+)$/.exec(text);
  const [, signed = '', signature = ''] = parts ?? [];
  if (!parts) return undefined;
  const isSigned = (key: string) =>
    isSame(saltedHmac(`${SESSION_SALT}signer`, signed, key).toString('base64url'), signature);
  if (secretKeys.length > 0 && !secretKeys.some(isSigned)) return undefined;
  try {
    const packed = signed.startsWith('.');
    const data = Buffer.from(signed.slice(packed ? 1 : 0, signed.indexOf(':')), 'base64url');
    const json = packed ? inflateSync(data, { maxOutputLength: MOST_BYTES }) : data;
    const session = JSON.parse(json.toString('utf8')) as Record<string, unknown> | null;
    const { _auth_user_id: userId, _auth_user_hash: hash } = session ?? {};
    if (userId === undefined) return null;
    return { userId: String(userId).slice(0, 190), passwordHash: typeof hash === 'string' ? hash : null };
  } catch {
    return undefined;
  }
}

/** Whether the session was begun with the password that the user has now. */
export function isOfPassword(login: DjangoLogin, password: string, secretKeys: readonly string[]): boolean {
  const { passwordHash } = login;
  return (
    passwordHash !== null &&
    secretKeys.some((key) => isSame(saltedHmac(LOGIN_SALT, password, key).toString('hex'), passwordHash))
  );
}

function saltedHmac(salt: string, value: string, key: string): Buffer {
  return createHmac('sha256', createHash('sha256').update(salt).update(key).digest()).update(value).digest();
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
