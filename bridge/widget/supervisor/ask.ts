import { wordOn, type Api } from './api.js';
import { isThere } from './chat-row.js';
import { byId, make } from './dom.js';
import { stateOf, whoIsBanned } from './other-rows.js';
import { nameOf, type Ban, type Department, type Desk, type OpenChat, type Operator, type Overview } from './types.js';

/** What is asked for beside a yes. */
const PARTS = ['ask-transfer', 'ask-ban', 'ask-opening'] as const;
type Part = (typeof PARTS)[number];

interface Question {
  title: string;
  word: string;
  /** Null: nothing can be done. */
  yes: string | null;
  part?: Part;
  act: () => Promise<unknown>;
}

/** Asks before anything is done, and stays with what the bridge says when it refuses. */
export class Ask {
  private readonly dialog = byId<HTMLDialogElement>('ask');
  private readonly target = byId<HTMLSelectElement>('target');
  private readonly note = byId<HTMLInputElement>('note');
  private readonly atOnce = byId<HTMLInputElement>('at-once');
  private question: Question | null = null;

  constructor(
    private readonly api: () => Api,
    private readonly banned: () => void,
  ) {
    byId('ask-no').addEventListener('click', () => this.dialog.close());
    byId('ask-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.answer();
    });
    this.target.addEventListener('change', () => this.offerAtOnce());
  }

  close(chat: OpenChat): void {
    this.open({
      title: `End chat ${chat.number}?`,
      word: `${nameOf(chat.visitor)} is told that the chat is over, and so is its operator.`,
      yes: 'End it',
      act: () => this.api().call('POST', `/chats/${chat.id}/close`),
    });
  }

  decline(chat: OpenChat, { operators }: Overview): void {
    const name = operators.find(({ id }) => id === chat.asked_operator)?.name ?? 'The operator';
    this.open({
      title: `Pass chat ${chat.number} on?`,
      word: `${name} isn’t asked any more to take the chat with ${nameOf(chat.visitor)}; the next one is.`,
      yes: 'Pass it on',
      act: () => this.api().call('POST', `/chats/${chat.id}/decline`, { operator: chat.asked_operator }),
    });
  }

  takeOver(chat: OpenChat, operator: number, { operators }: Overview): void {
    const owner = operators.find(({ id }) => id === chat.operator)?.name;
    this.open({
      title: `Take chat ${chat.number} over?`,
      word: `The chat with ${nameOf(chat.visitor)} is yours then, in your XMPP client${owner === undefined ? '' : `, and ${owner} has it no longer`}.`,
      yes: 'Take it over',
      act: () => this.api().call('POST', `/chats/${chat.id}/takeover`, { operator }),
    });
  }

  follow(chat: OpenChat, operator: number): void {
    this.open({
      title: `Follow chat ${chat.number} in your XMPP client?`,
      word: `You are invited into its room, where you read along and can’t speak. ${nameOf(chat.visitor)} doesn’t see it. You may whisper to whoever answers.`,
      yes: 'Follow',
      act: () => this.api().call('PUT', `/chats/${chat.id}/watchers/${operator}`),
    });
  }

  transfer(chat: OpenChat, { operators, departments }: Overview): void {
    const active = chat.state === 'active';
    const people = operators.filter((one) => one.id !== chat.operator);
    const there = (one: Operator) => ({ id: one.id, name: one.name });
    const absent = (one: Operator) => ({ id: one.id, name: `${one.name} (${stateOf(one)})` });
    const queues = departments.filter(({ id }) => active || id !== chat.department);
    this.target.replaceChildren(
      ...group('Operators', 'operator', people.filter((one) => isThere(one)).map(there)),
      ...group('The queue of a department', 'department', queues),
      ...group('Operators who aren’t there', 'operator', people.filter((one) => !isThere(one)).map(absent)),
    );
    const any = this.target.options.length > 0;
    this.note.value = '';
    this.atOnce.checked = !active;
    this.atOnce.disabled = !active;
    this.offerAtOnce();
    this.open({
      title: `Transfer chat ${chat.number}`,
      word: any ? `Who is to answer ${nameOf(chat.visitor)}?` : 'There is nobody to transfer it to.',
      yes: any ? 'Transfer' : null,
      part: 'ask-transfer',
      act: () => {
        const [kind = '', id] = this.target.value.split(':');
        const body = { [kind]: Number(id), note: this.note.value.trim() };
        const assigned = kind === 'operator' && this.atOnce.checked;
        return this.api().call('POST', `/chats/${chat.id}/${assigned ? 'assign' : 'transfer'}`, body);
      },
    });
  }

  ban(chat: OpenChat): void {
    byId<HTMLInputElement>('reason').value = '';
    byId<HTMLInputElement>('one-desk').checked = false;
    this.open({
      title: `Ban ${nameOf(chat.visitor)}?`,
      word: 'Its chat is ended, and neither the visitor nor whoever comes from its address can begin another until then. The reason isn’t told.',
      yes: 'Ban',
      part: 'ask-ban',
      act: async () => {
        const term = byId<HTMLSelectElement>('term').value;
        const reason = byId<HTMLInputElement>('reason').value.trim();
        const everywhere = !byId<HTMLInputElement>('one-desk').checked;
        const seconds = term === '' ? null : Number(term);
        await this.api().call('POST', `/chats/${chat.id}/ban`, { seconds, reason, everywhere });
        this.banned();
      },
    });
  }

  lift(ban: Ban): void {
    this.open({
      title: 'Lift the ban?',
      word: `${whoIsBanned(ban)} may chat again.`,
      yes: 'Lift it',
      act: async () => {
        await this.api().call('DELETE', `/bans/${ban.id}`);
        this.banned();
      },
    });
  }

  opening(department: Department): void {
    const opening = byId<HTMLSelectElement>('opening');
    opening.value = department.opening;
    this.open({
      title: `Open or close ${department.name}`,
      word: 'This is about new chats; those that are open go on.',
      yes: 'Set',
      part: 'ask-opening',
      act: () => this.api().call('PATCH', `/departments/${department.id}`, { opening: opening.value }),
    });
  }

  desk(desk: Desk): void {
    const active = desk.state === 'active';
    this.open({
      title: active ? `Take ${desk.name} out of use?` : `Put ${desk.name} into use?`,
      word: active
        ? 'Its widget shows itself on no page and it takes no new chats. Those that are open go on.'
        : 'Its widget shows itself again, and it takes chats.',
      yes: active ? 'Take out of use' : 'Put into use',
      act: () => this.api().call('PATCH', `/desks/${desk.id}`, { state: active ? 'inactive' : 'active' }),
    });
  }

  /** Whatever is asked is asked no more. */
  cancel(): void {
    this.dialog.close();
  }

  /** A queue is never asked. */
  private offerAtOnce(): void {
    byId('at-once-part').hidden = !this.target.value.startsWith('operator:');
  }

  private open(question: Question): void {
    this.question = question;
    byId('ask-title').textContent = question.title;
    byId('ask-word').textContent = question.word;
    byId('ask-refusal').textContent = '';
    for (const part of PARTS) byId(part).hidden = part !== question.part || question.yes === null;
    const yes = byId<HTMLButtonElement>('ask-yes');
    yes.textContent = question.yes;
    yes.hidden = question.yes === null;
    yes.disabled = false;
    this.dialog.showModal();
  }

  private async answer(): Promise<void> {
    const { question } = this;
    const yes = byId<HTMLButtonElement>('ask-yes');
    if (!question || yes.disabled) return;
    yes.disabled = true;
    byId('ask-refusal').textContent = '';
    try {
      await question.act();
      if (this.question === question) this.dialog.close();
    } catch (error) {
      if (this.question === question) byId('ask-refusal').textContent = wordOn(error);
    }
    if (this.question === question) yes.disabled = false;
  }
}

function group(label: string, kind: string, items: readonly { id: number; name: string }[]): HTMLElement[] {
  const made = document.createElement('optgroup');
  made.label = label;
  for (const { id, name } of items) {
    const option = make('option', '', name);
    option.value = `${kind}:${id}`;
    made.append(option);
  }
  return items.length > 0 ? [made] : [];
}
