import { wordOn, type Api } from './api.js';
import { dayAndTimeOf } from './clock.js';
import { byId, make } from './dom.js';
import { nameOf, type RecordedChat } from './types.js';

interface Page {
  transcripts: { chat: RecordedChat; tags: string[]; rating: { score: number } | null }[];
  more: boolean;
}

/** Looks through the record, newest first, a page at a time. */
export class Search {
  private readonly results = byId('results');
  private readonly next = byId<HTMLButtonElement>('next');
  private text = '';
  private last: number | null = null;
  /** Counts searches: an answer that comes after the next question isn't shown. */
  private turn = 0;

  constructor(
    private readonly api: () => Api,
    private readonly read: (chatId: number, number: number) => void,
  ) {
    byId('search').addEventListener('submit', (event) => {
      event.preventDefault();
      this.clear();
      this.text = byId<HTMLInputElement>('words').value.trim();
      void this.look();
    });
    this.next.addEventListener('click', () => void this.look());
  }

  clear(): void {
    this.turn += 1;
    this.last = null;
    this.results.replaceChildren();
    this.next.hidden = true;
    byId('found').textContent = '';
  }

  private async look(): Promise<void> {
    const turn = (this.turn += 1);
    const query = new URLSearchParams({ limit: '20' });
    if (this.text !== '') query.set('text', this.text);
    if (this.last !== null) query.set('before', String(this.last));
    try {
      const { transcripts, more } = await this.api().call<Page>('GET', `/transcripts?${query}`);
      if (turn !== this.turn) return;
      this.results.append(...transcripts.map((one) => this.result(one)));
      this.last = transcripts.at(-1)?.chat.id ?? null;
      this.next.hidden = !more;
      const shown = this.results.childElementCount;
      const chats = shown === 1 ? '1 chat' : `${shown} chats`;
      byId('found').textContent = shown === 0 ? 'Nothing found.' : more ? `The last ${chats}.` : `${chats}.`;
    } catch (error) {
      if (turn === this.turn) byId('found').textContent = wordOn(error);
    }
  }

  private result({ chat, tags, rating }: Page['transcripts'][number]): HTMLElement {
    const button = make('button', '', 'Read');
    button.type = 'button';
    button.setAttribute('aria-label', `Read chat ${chat.number}`);
    button.addEventListener('click', () => this.read(chat.id, chat.number));
    const facts = [
      dayAndTimeOf(chat.created_at),
      chat.department?.name ?? '',
      chat.operator?.name ?? chat.state,
      rating ? `rated ${rating.score} of 5` : '',
      tags.join(', '),
    ].filter((fact) => fact !== '');
    const head = [make('strong', '', nameOf(chat.visitor)), make('span', 'quiet', `#${chat.number}`)];
    return make('li', '', [
      make('div', 'head', head),
      make('span', 'quiet', facts.join(' · ')),
      make('div', 'buttons', [button]),
    ]);
  }
}
