import { wordOn, type Api } from './api.js';
import { isThere } from './board.js';
import { byId, make } from './dom.js';
import { nameOf, type OpenChat, type Overview } from './types.js';

interface Question {
  title: string;
  word: string;
  yes: string;
  act: () => Promise<unknown>;
}

/** Asks before anything is done to a chat, and stays with what the bridge says when it refuses. */
export class Ask {
  private readonly dialog = byId<HTMLDialogElement>('ask');
  private readonly target = byId<HTMLSelectElement>('target');
  private readonly note = byId<HTMLInputElement>('note');
  private question: Question | null = null;

  constructor(private readonly api: () => Api) {
    byId('ask-no').addEventListener('click', () => this.dialog.close());
    byId('ask-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.answer();
    });
  }

  close(chat: OpenChat): void {
    this.open({
      title: `End chat ${chat.number}?`,
      word: `${nameOf(chat.visitor)} is told that the chat is over, and so is its operator.`,
      yes: 'End it',
      act: () => this.api().call('POST', `/chats/${chat.id}/close`),
    });
  }

  decline(chat: OpenChat, overview: Overview): void {
    const name = overview.operators.find(({ id }) => id === chat.asked_operator)?.name ?? 'The operator';
    this.open({
      title: `Pass chat ${chat.number} on?`,
      word: `${name} isn’t asked any more to take the chat with ${nameOf(chat.visitor)}; the next one is.`,
      yes: 'Pass it on',
      act: () => this.api().call('POST', `/chats/${chat.id}/decline`, { operator: chat.asked_operator }),
    });
  }

  transfer(chat: OpenChat, { operators, departments }: Overview): void {
    const active = chat.state === 'active';
    const people = active ? operators.filter((one) => one.id !== chat.operator && isThere(one)) : [];
    const queues = departments.filter(({ id }) => active || id !== chat.department);
    const group = (label: string, kind: string, items: readonly { id: number; name: string }[]) => {
      const made = document.createElement('optgroup');
      made.label = label;
      for (const { id, name } of items) {
        const option = make('option', '', name);
        option.value = `${kind}:${id}`;
        made.append(option);
      }
      return items.length > 0 ? [made] : [];
    };
    this.target.replaceChildren(
      ...group('Operators', 'operator', people),
      ...group('The queue of a department', 'department', queues),
    );
    const any = this.target.options.length > 0;
    this.open(
      {
        title: `Transfer chat ${chat.number}`,
        word: transferWord(chat, any),
        yes: 'Transfer',
        act: () => {
          const [kind = '', id] = this.target.value.split(':');
          const body = { [kind]: Number(id), note: this.note.value.trim(), author: 'Supervisor' };
          return this.api().call('POST', `/chats/${chat.id}/transfer`, body);
        },
      },
      any,
    );
  }

  /** Whatever is asked is asked no more. */
  cancel(): void {
    this.dialog.close();
  }

  private open(question: Question, choose: boolean | null = null): void {
    this.question = question;
    byId('ask-title').textContent = question.title;
    byId('ask-word').textContent = question.word;
    byId('ask-refusal').textContent = '';
    byId('ask-transfer').hidden = choose !== true;
    const yes = byId<HTMLButtonElement>('ask-yes');
    yes.textContent = question.yes;
    yes.hidden = choose === false;
    yes.disabled = false;
    this.note.value = '';
    this.dialog.showModal();
  }

  private async answer(): Promise<void> {
    const { question } = this;
    const yes = byId<HTMLButtonElement>('ask-yes');
    if (!question || yes.disabled) return;
    yes.disabled = true;
    try {
      await question.act();
      if (this.question === question) this.dialog.close();
    } catch (error) {
      byId('ask-refusal').textContent = wordOn(error);
    }
    yes.disabled = false;
  }
}

function transferWord({ state, visitor }: OpenChat, any: boolean): string {
  if (!any) return 'There is nobody to transfer it to.';
  if (state !== 'active') return `${nameOf(visitor)} waits in that queue from then on.`;
  return `An operator is asked, and the one before keeps the chat until then; in a queue ${nameOf(visitor)} waits again.`;
}
