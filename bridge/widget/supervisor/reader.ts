import { styledNodes } from '../text/styled.js';
import { pause, Refusal, wordOn, type Api } from './api.js';
import { dayAndTimeOf, timeOf } from './clock.js';
import { byId, make, setText } from './dom.js';
import { nameOf, type ChatEvent, type Message, type RecordedChat, type Transcript } from './types.js';

/** Below the 30 s after which proxies cut a connection on which nothing comes. */
const WAIT_SECONDS = 20;
const PAUSE_MS = 2_000;
const OVER = new Set(['closed', 'abandoned', 'missed']);

/** Shows what was said in a chat; of one that goes on, what is being said, by the chat's feed. */
export class Reader {
  private readonly dialog = byId<HTMLDialogElement>('reader');
  private readonly log = byId('reader-log');
  private readonly messages = byId('reader-messages');
  private readonly rows = new Map<number, HTMLElement>();
  private chat: RecordedChat | null = null;
  private following = new AbortController();

  constructor(private readonly api: () => Api) {
    byId('reader-close').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => {
      this.following.abort();
      this.clear();
    });
  }

  open(chatId: number, number: number): void {
    this.following.abort();
    this.following = new AbortController();
    byId('reader-title').textContent = `Chat ${number}`;
    this.clear();
    if (!this.dialog.open) this.dialog.showModal();
    void this.follow(chatId, this.following.signal);
  }

  close(): void {
    this.dialog.close();
  }

  private clear(): void {
    this.rows.clear();
    this.log.setAttribute('aria-live', 'off');
    this.messages.replaceChildren();
    for (const id of ['reader-facts', 'reader-live', 'reader-typing']) byId(id).textContent = '';
  }

  /** Until the chat is over, or something else is read. */
  private async follow(chatId: number, signal: AbortSignal): Promise<void> {
    for (let cursor: string | null = null; !signal.aborted;) {
      try {
        cursor = cursor === null ? await this.begin(chatId, signal) : await this.hear(chatId, cursor, signal);
        if (cursor === '') return;
      } catch (error) {
        if (signal.aborted) return;
        byId('reader-live').textContent = wordOn(error);
        if (error instanceof Refusal && error.status < 429) return;
        await pause(PAUSE_MS, signal);
      }
    }
  }

  /** @returns where to listen from; empty: the chat is over */
  private async begin(chatId: number, signal: AbortSignal): Promise<string> {
    const { chat, transcript } = await this.api().call<Transcript>(
      'GET',
      `/chats/${chatId}/transcript`,
      undefined,
      signal,
    );
    if (signal.aborted) return '';
    this.clear();
    const { tags, rating, notes, messages } = transcript;
    this.showFacts(chat, [
      rating ? `rated ${rating.score} of 5` : '',
      tags.length > 0 ? `tags: ${tags.join(', ')}` : '',
    ]);
    for (const message of messages) this.showMessage(chat, message);
    const noted = notes.map(({ text, author }) =>
      make('li', 'note', [make('span', 'quiet', `Note · ${author}`), make('p', '', text)]),
    );
    this.messages.append(...noted);
    this.log.scrollTop = this.log.scrollHeight;
    return OVER.has(chat.state) ? '' : chat.cursor;
  }

  /** @returns where to go on; null: from the beginning */
  private async hear(chatId: number, cursor: string, signal: AbortSignal): Promise<string | null> {
    const query = new URLSearchParams({ cursor, wait: String(WAIT_SECONDS) });
    const heard = await this.api().call<{ events: ChatEvent[]; cursor: string }>(
      'GET',
      `/chats/${chatId}/events?${query}`,
      undefined,
      signal,
    );
    if (signal.aborted) return '';
    setText(byId('reader-live'), 'Live: what is said appears here. Neither side sees that you watch.');
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    const atEnd = scrollHeight - scrollTop - clientHeight < 40;
    // From now on what comes is read out, and not what was said before.
    this.log.setAttribute('aria-live', 'polite');
    let over = false;
    for (const event of heard.events) {
      if (event.kind === 'reset') return null;
      if (event.kind === 'chat' || event.kind === 'redirect') {
        this.showFacts(event.data.chat, []);
        over = OVER.has(event.data.chat.state);
      } else if (event.kind === 'typing') {
        setText(byId('reader-typing'), event.data.typing ? `${event.data.name} is typing…` : '');
      } else if ((event.kind === 'message' || event.kind === 'message_updated') && event.data.message) {
        this.showMessage(this.chat, event.data.message);
      }
    }
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
    // Once more from the beginning: with tags, rating and notes.
    return over ? null : heard.cursor;
  }

  private showFacts(chat: RecordedChat, more: readonly string[]): void {
    this.chat = chat;
    setText(byId('reader-title'), `Chat ${chat.number} with ${nameOf(chat.visitor)}`);
    const facts = [dayAndTimeOf(chat.created_at), chat.department?.name ?? '', chat.operator?.name ?? 'no operator'];
    setText(byId('reader-facts'), [...facts, chat.state, ...more].filter((fact) => fact !== '').join(' · '));
  }

  private showMessage(chat: RecordedChat | null, message: Message): void {
    const { number, sender, author_name: author, text, unstyled, created_at: at } = message;
    const visitor = chat ? nameOf(chat.visitor) : 'Visitor';
    const who = sender === 'visitor' ? visitor : (author ?? (sender === 'operator' ? 'Operator' : 'Foyer'));
    const said = make('div', 'said');
    said.dir = 'auto';
    said.append(...(sender === 'system' ? [text] : styledNodes(text, !!unstyled)));
    const row = make('li', sender, [make('span', 'quiet', `${who} · ${timeOf(at)}`), said]);
    const earlier = this.rows.get(number);
    if (earlier) earlier.replaceWith(row);
    else this.messages.append(row);
    this.rows.set(number, row);
  }
}
