import { randomBytes } from 'node:crypto';

/** Source of every identifier and secret that the bridge makes up; passed in so that a test can foresee them. */
export interface Ids {
  /** Sortable unique id: 26 characters of Crockford base32, the first 10 from the clock (ULID). */
  ulid(): string;
  /** `bytes` random bytes in base64url, without padding. 16 bytes = 128 bits is the least for a secret. */
  secret(bytes: number): string;
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function base32(value: number, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i += 1, rest = Math.floor(rest / 32)) {
    text = ALPHABET.charAt(rest % 32) + text;
  }
  return text;
}

export const randomIds: Ids = {
  ulid: () => base32(Date.now(), 10) + Array.from(randomBytes(16), (byte) => ALPHABET.charAt(byte % 32)).join(''),
  secret: (bytes) => randomBytes(bytes).toString('base64url'),
};
