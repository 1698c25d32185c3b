import { styledNodes } from '../text/styled.js';
import { wordOn, type Api } from './api.js';
import { dayAndTimeOf, timeOf } from './clock.js';
import { byId, make } from './dom.js';
import { nameOf, type Overview, type Transcript } from './types.js';

/** Shows what was said in a chat; one that goes on is read anew when there is more. */
export class Reader {
  private readonly dialog = byId<HTMLDialogElement>('reader');
  private readonly messages = byId('reader-messages');
  private chatId: number | null = null;
  /** Messages of the chat as the overview had it. */
  private known = 0;

  constructor(private readonly api: () => Api) {
    byId('reader-close').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => {
      this.chatId = null;
      this.messages.replaceChildren();
    });
  }

  open(chatId: number, number: number): void {
    this.chatId = chatId;
    byId('reader-title').textContent = `Chat ${number}`;
    byId('reader-facts').textContent = '';
    this.messages.replaceChildren();
    if (!this.dialog.open) this.dialog.showModal();
    void this.read(chatId);
  }

  follow({ chats }: Overview): void {
    const chat = chats.find(({ id }) => id === this.chatId);
    if (!chat || chat.last_number === this.known) return;
    this.known = chat.last_number;
    void this.read(chat.id);
  }

  close(): void {
    this.dialog.close();
  }

  private async read(chatId: number): Promise<void> {
    try {
      const found = await this.api().call<Transcript>('GET', `/chats/${chatId}/transcript`);
      if (this.chatId === chatId) this.show(found);
    } catch (error) {
      if (this.chatId === chatId) byId('reader-facts').textContent = wordOn(error);
    }
  }

  private show({ chat, transcript }: Transcript): void {
    const { tags, rating, notes, messages } = transcript;
    this.known = messages.at(-1)?.number ?? 0;
    byId('reader-title').textContent = `Chat ${chat.number} with ${nameOf(chat.visitor)}`;
    byId('reader-facts').textContent = [
      dayAndTimeOf(chat.created_at),
      chat.department?.name ?? '',
      chat.operator?.name ?? 'no operator',
      chat.state,
      rating ? `rated ${rating.score} of 5` : '',
      tags.length > 0 ? `tags: ${tags.join(', ')}` : '',
    ]
      .filter((fact) => fact !== '')
      .join(' · ');
    const atEnd = this.messages.scrollHeight - this.messages.scrollTop - this.messages.clientHeight < 40;
    this.messages.replaceChildren(
      ...messages.map(({ sender, author_name: author, text, unstyled, created_at: at }) => {
        const who =
          sender === 'visitor' ? nameOf(chat.visitor) : (author ?? (sender === 'operator' ? 'Operator' : 'Foyer'));
        const head = make('span', 'quiet', `${who} · ${timeOf(at)}`);
        const said = make('div', 'said');
        said.dir = 'auto';
        said.append(...(sender === 'system' ? [text] : styledNodes(text, unstyled)));
        return make('li', sender, [head, said]);
      }),
      ...notes.map(({ text, author }) =>
        make('li', 'note', [make('span', 'quiet', `Note · ${author}`), make('p', '', text)]),
      ),
    );
    if (atEnd) this.messages.scrollTop = this.messages.scrollHeight;
  }
}
