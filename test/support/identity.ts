import { createHmac } from 'node:crypto';

/** What a site gives a page that it has a member on: for the instance `main`, for ten minutes. */
export function identityOf(secret: string, claims: { sub: string } & Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  const text = `${part({ alg: 'HS256' })}.${part({ aud: 'main', exp, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
