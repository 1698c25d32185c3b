/** Somebody who is logged in at Live Helper Chat's back office, as the browser talks to it. */
export class BackOffice {
  private readonly cookies = new Map<string, string>();
  private token = '';

  private constructor(
    /** Of the back office's site access. */
    private readonly url: string,
  ) {}

  static async login(url: string, { user, password }: { user: string; password: string }): Promise<BackOffice> {
    const session = new BackOffice(url);
    await session.page('user/login');
    await session.submit('user/login', { Username: user, Password: password, Login: 'Login', redirect: '' });
    const home = await session.page('');
    if (!home.includes('user/logout')) throw new Error(`${user} isn’t let in`);
    return session;
  }

  async page(path: string): Promise<string> {
    const html = await (await this.send('GET', path)).text();
    this.token =
      /confLH\.csrf_token = '([^']+)'/.exec(html)?.[1] ?? /csfr_token" value="([^"]+)"/.exec(html)?.[1] ?? this.token;
    return html;
  }

  /** Sends a form; the page that comes of it. */
  async submit(path: string, fields: Record<string, string | readonly string[]>): Promise<string> {
    const body = new URLSearchParams({ csfr_token: this.token });
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    return (await this.send('POST', path, body)).text();
  }

  /** Follows a link that a script gives the page's token. */
  async confirm(path: string): Promise<void> {
    await this.page('user/userlist');
    await this.send('GET', `${path}/(csfr)/${this.token}`);
  }

  /** What the pages' scripts ask. */
  async ask<T = Record<string, unknown>>(path: string, fields: Record<string, string> = {}): Promise<T> {
    const raw = await this.post(path, fields);
    try {
      return JSON.parse(raw) as T;
    } catch {
      throw new Error(`${path} was answered with: ${raw.slice(0, 500)}`);
    }
  }

  /** The same where the answer is a piece of a page. */
  async post(path: string, fields: Record<string, string>): Promise<string> {
    return (await this.send('POST', path, new URLSearchParams(fields), { 'x-csrftoken': this.token })).text();
  }

  private async send(
    method: string,
    path: string,
    body?: URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(`${this.url}/${path}`, {
      ...{ method, redirect: 'manual' },
      headers: {
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined && value !== undefined) this.cookies.set(name, value);
    }
    if (response.status >= 500)
      throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return response;
  }
}
