import { createHmac, timingSafeEqual } from 'node:crypto';
import { TOLERANCE_SECONDS } from './clock-gap.js';

/**
 * Standard Webhooks 1.0.0: `v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`. The body is the raw bytes as sent: parsing and writing it
 * again would change the signature.
 */

const PREFIX = 'whsec_';
const SECRET_BYTES = { least: 24, most: 64 };

/** The key bytes of a `whsec_…` secret, or null when it isn't one. */
export function decodeSecret(secret: string): Buffer | null {
  if (!secret.startsWith(PREFIX)) return null;
  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  const canonical = key.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
  return canonical && key.length >= SECRET_BYTES.least && key.length <= SECRET_BYTES.most ? key : null;
}

export interface WebhookHeaders {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/** Signs with every secret, so that the receiver may change its own in its own time. `timestamp` in seconds since 1970. */
export function signWebhook(secrets: readonly Buffer[], id: string, timestamp: number, body: Buffer): WebhookHeaders {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets
      .map((key) => `v1,${digest(key, id, String(timestamp), body).toString('base64')}`)
      .join(' '),
  };
}

export type SignatureFault = 'missing' | 'malformed' | 'too_old' | 'too_new' | 'mismatch';

/** Null when one of the signatures was made with one of the secrets and the time is right; else what is wrong. */
export function checkWebhook(
  secrets: readonly Buffer[],
  headers: { [K in keyof WebhookHeaders]: string | undefined },
  body: Buffer,
  nowSeconds: number,
): SignatureFault | null {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !timestamp || !signatures) return 'missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'malformed';
  const age = nowSeconds - Number(timestamp);
  if (age > TOLERANCE_SECONDS) return 'too_old';
  if (age < -TOLERANCE_SECONDS) return 'too_new';
  const expected = secrets.map((key) => digest(key, id, timestamp, body));
  const matches = signatures.split(' ').some((signature) => {
    if (!signature.startsWith('v1,')) return false;
    const given = Buffer.from(signature.slice(3), 'base64');
    return expected.some((one) => one.length === given.length && timingSafeEqual(one, given));
  });
  return matches ? null : 'mismatch';
}

function digest(key: Buffer, id: string, timestamp: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
