import type { Context } from 'koa';

const SECRET = /^[\x21-\x7e]{20,100}$/;

/** A session of a page of the bridge's own: in a cookie that scripts can't read and other sites don't send. */
export interface SessionCookie {
  /** The secret; undefined where there is none, or one that Foyer has never made. */
  read(ctx: Context): string | undefined;
  /** A value for the header Set-Cookie; 0 seconds: the browser forgets it. */
  write(ctx: Context, secret: string, seconds: number): string;
}

/**
 * @param path of the page and its calls: no other gets it
 * @param publicUrl where people reach the bridge: over TLS, the cookie goes over nothing else
 */
export function sessionCookie(name: string, path: string, publicUrl: string): SessionCookie {
  return {
    read(ctx) {
      const value = ctx.cookies.get(name);
      return value !== undefined && SECRET.test(value) ? value : undefined;
    },
    write(ctx, secret, seconds) {
      const called = ctx.state['origin'] as string;
      const secure = [publicUrl, called].some((url) => url.startsWith('https:')) ? '; Secure' : '';
      return `${name}=${secret}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
    },
  };
}
