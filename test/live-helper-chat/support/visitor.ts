// As a browser: Live Helper Chat answers programs with nothing.
const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'accept-language': 'en',
};

/** A visitor with Live Helper Chat's widget, as its script talks to the site. */
export class Visitor {
  readonly vid = crypto.randomUUID().replaceAll('-', '');
  /** The chat that the widget has open. */
  chat: { id: number; hash: string } | null = null;
  private token: { hash: string; hash_ts: number } | null = null;

  constructor(private readonly url: string) {}

  /** Loads a page with the widget. */
  async view(path: string, title = 'Shop'): Promise<void> {
    const query = new URLSearchParams({
      vid: this.vid,
      l: `//shop.example${path}`,
      dt: title,
      r: 'https://search.example/',
      tz: '1',
      dep: '1',
    });
    this.token = await this.ask('GET', `widgetrestapi/settings?${query}`);
  }

  /** Begins a chat by the widget's form. @param invited whether it answers an invitation */
  async start(text = '', { nick, invited = false }: { nick?: string; invited?: boolean } = {}): Promise<number> {
    if (!this.token) throw new Error('There is no page yet');
    const { hash, hash_ts } = this.token;
    const fields = {
      ...(nick === undefined ? {} : { Username: nick }),
      ...{ Question: text, DepartamentID: 1, [`captcha_${hash}`]: hash_ts, tscaptcha: hash_ts },
    };
    const body = { department: [1], vid: this.vid, mode: 'widget', fields, ...(invited ? { invitation_id: 0 } : {}) };
    const answer = await this.ask<{ success: boolean; errors?: unknown; chatData?: { id: number; hash: string } }>(
      'POST',
      'widgetrestapi/submitonline',
      body,
    );
    if (!answer.success || !answer.chatData) throw new Error(`No chat: ${JSON.stringify(answer)}`);
    this.chat = { id: Number(answer.chatData.id), hash: answer.chatData.hash };
    return this.chat.id;
  }

  /** Whether Live Helper Chat took it. */
  async say(text: string): Promise<boolean> {
    const answer = await this.ask<{ error?: boolean }>('POST', 'widgetrestapi/addmsguser', {
      ...this.open(),
      msg: text,
    });
    return answer.error !== true;
  }

  /** The same by the REST API that other programs use. */
  async sayByRest(text: string): Promise<void> {
    const { id, hash } = this.open();
    await this.form('restapi/addmsguser', { chat_id: String(id), hash, msg: text });
  }

  /** What the widget asks every few seconds. @param active whether somebody looks at it */
  async fetch(active = true): Promise<string> {
    const { id, hash } = this.open();
    const body = { chat_id: id, hash, lmgsid: 0, active_widget: active };
    return (await this.ask<{ messages?: string }>('POST', 'widgetrestapi/fetchmessages', body)).messages ?? '';
  }

  async type(text: string): Promise<void> {
    const { id, hash } = this.open();
    await this.form(`chat/usertyping/${id}/${hash}/true`, { msg: text });
  }

  /** By the widget's form for the visitor's name. */
  async rename(nick: string): Promise<void> {
    const { id, hash } = this.open();
    await this.form(`chat/editnick/${id}/${hash}`, { UserNick: nick, Email: '' });
  }

  /** Ends the chat by the widget's own button. */
  async leave(): Promise<void> {
    const { id, hash } = this.open();
    await this.request('GET', `chat/chatwidgetclosed/(hash)/${id}_${hash}/(eclose)/t`);
  }

  /** The invitation that waits for this visitor, as the widget shows it. */
  async invitation(): Promise<{ message: string; name_support: string } | null> {
    const waits = await this.ask<{ invitation?: boolean; vid_id?: number }>(
      'GET',
      `widgetrestapi/checkinvitation?vid=${this.vid}`,
    );
    if (waits.invitation !== true) return null;
    return this.ask('POST', 'widgetrestapi/getinvitation', { vid: this.vid, vid_id: waits.vid_id, invitation: true });
  }

  private open(): { id: number; hash: string } {
    if (!this.chat) throw new Error('There is no chat yet');
    return this.chat;
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const raw = await this.request(method, path, body === undefined ? undefined : JSON.stringify(body));
    try {
      return JSON.parse(raw) as T;
    } catch {
      throw new Error(`${path} was answered with: ${raw.slice(0, 500)}`);
    }
  }

  private async form(path: string, fields: Record<string, string>): Promise<void> {
    await this.request('POST', path, new URLSearchParams(fields));
  }

  private async request(method: string, path: string, body?: string | URLSearchParams): Promise<string> {
    const response = await fetch(`${this.url}/${path}`, {
      method,
      headers: BROWSER,
      ...(body === undefined ? {} : { body }),
    });
    const raw = await response.text();
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${raw.slice(0, 500)}`);
    return raw;
  }
}
