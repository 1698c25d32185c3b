import { setClock, showSince } from './clock.js';
import { byId, make, Rows, setText, type Row } from './dom.js';
import { nameOf, type Department, type OpenChat, type Operator, type Overview } from './types.js';

/** What can be done with a chat. */
export interface Actions {
  read: (chat: OpenChat) => void;
  transfer: (chat: OpenChat) => void;
  close: (chat: OpenChat) => void;
  decline: (chat: OpenChat) => void;
}

const TITLE = 'Foyer: supervision';

const CLOSED = {
  out_of_hours: 'closed: out of hours',
  queue_closed: 'closed by hand',
  queue_full: 'closed: too many wait',
  nobody_there: 'closed: nobody is there',
} as const;

const SHOWS = {
  ...{ chat: 'free to chat', available: 'available', away: 'away', xa: 'away for long' },
  ...{ dnd: 'busy', offline: 'offline' },
} as const;

/** All that is so now. */
export class Board {
  /** What was told last. */
  overview: Overview | null = null;
  private readonly tiles = {
    waiting: tile('waiting'),
    longest: tile('longest wait'),
    active: tile('in conversation'),
    available: tile('operators available'),
  };
  private readonly departments = new Rows(byId('departments'), null, departmentRow);
  private readonly operators = new Rows(byId('operators'), byId('operators-none'), operatorRow);
  private readonly queue: Rows<OpenChat>;
  private readonly active: Rows<OpenChat>;

  constructor(actions: Actions) {
    byId('tiles').replaceChildren(...Object.values(this.tiles).map(({ element }) => element));
    const row = (chat: OpenChat) => chatRow(chat, actions, () => this.overview);
    this.queue = new Rows(byId('queue'), byId('queue-none'), row);
    this.active = new Rows(byId('active'), byId('active-none'), row);
  }

  show(overview: Overview): void {
    this.overview = overview;
    setClock(overview.at);
    const { departments, chats, operators } = overview;
    const sum = (of: (department: Department) => number) => departments.reduce((all, one) => all + of(one), 0);
    const { waiting, longest, active, available } = this.tiles;
    const waits = sum((one) => one.waiting + one.offered);
    setText(waiting.figure, String(waits));
    document.title = waits > 0 ? `(${waits}) ${TITLE}` : TITLE;
    const [first] = departments.flatMap((one) => one.waiting_since ?? []).sort();
    showSince(longest.figure, first ?? null, '–');
    setText(active.figure, String(sum((one) => one.active)));
    const online = operators.filter(({ show }) => show !== 'offline');
    const there = online.filter((one) => isThere(one));
    setText(available.figure, `${there.length} of ${online.length}`);
    this.departments.show(departments);
    this.queue.show(chats.filter((chat) => isWaiting(chat)));
    this.active.show(chats.filter((chat) => !isWaiting(chat)));
    byId('more').hidden = !overview.more;
    this.operators.show(operators);
  }

  /** With nothing of what was there before. */
  clear(): void {
    const { departments, queue, active, operators } = this;
    for (const rows of [departments, queue, active, operators]) rows.show([]);
    this.overview = null;
    document.title = TITLE;
  }
}

export function isWaiting({ state }: OpenChat): boolean {
  return state === 'waiting' || state === 'offered';
}

/** Could be given a chat, if there is room. */
export function isThere({ show, paused, approved }: Operator): boolean {
  return ['available', 'chat', 'away'].includes(show) && !paused && approved;
}

function tile(name: string): { element: HTMLElement; figure: HTMLElement } {
  const figure = make('dd', '', '0');
  return { element: make('div', 'tile', [make('dt', '', name), figure]), figure };
}

function departmentRow(): Row<Department> {
  const name = make('strong');
  const state = make('span', 'badge');
  const figures = make('span', 'quiet');
  const element = make('li', '', [name, state, figures]);
  return {
    element,
    update(department) {
      const { waiting, offered, active, operators } = department;
      setText(name, department.name);
      setText(state, department.closed_because === null ? 'open' : CLOSED[department.closed_because]);
      state.className = department.open ? 'badge good' : 'badge bad';
      const there = `${operators.available} of ${operators.online} operators available`;
      setText(figures, `${waiting + offered} waiting · ${active} in conversation · ${there}`);
    },
  };
}

function operatorRow(): Row<Operator> {
  const name = make('strong');
  const state = make('span', 'badge');
  const load = make('span', 'quiet');
  const element = make('li', '', [name, state, load]);
  return {
    element,
    update(operator) {
      setText(name, operator.name);
      const { show, paused, approved } = operator;
      const word = show === 'offline' || (!paused && approved) ? SHOWS[show] : approved ? 'paused' : 'not approved';
      setText(state, word);
      state.className = isThere(operator) ? 'badge good' : show === 'offline' ? 'badge' : 'badge busy';
      setText(load, `${operator.open_chats} of ${operator.max_chats} chats`);
    },
  };
}

function chatRow(first: OpenChat, actions: Actions, overview: () => Overview | null): Row<OpenChat> {
  let chat = first;
  const title = make('strong');
  const since = make('span', 'since');
  const facts = make('span', 'quiet');
  const button = (word: string, act: (chat: OpenChat) => void) => {
    const made = make('button', '', word);
    made.type = 'button';
    made.setAttribute('aria-label', `${word} chat ${first.number}`);
    made.addEventListener('click', () => act(chat));
    return made;
  };
  const decline = button('Pass on', actions.decline);
  const transfer = button('Transfer', actions.transfer);
  const buttons = [button('Read', actions.read), transfer, decline, button('End', actions.close)];
  const head = make('div', 'head', [title, make('span', 'quiet', `#${first.number}`), since]);
  const element = make('li', '', [head, facts, make('div', 'buttons', buttons)]);
  return {
    element,
    update(now) {
      chat = now;
      setText(title, nameOf(now.visitor));
      showSince(since, now.waiting_since ?? now.accepted_at ?? (isWaiting(now) ? null : now.created_at));
      setText(facts, factsOf(now, overview()));
      element.className = now.state;
      decline.hidden = now.asked_operator === null;
      transfer.hidden = now.state === 'invited';
    },
  };
}

function factsOf(chat: OpenChat, overview: Overview | null): string {
  const named = (id: number | null) => overview?.operators.find((one) => one.id === id)?.name ?? 'an operator';
  const department = overview?.departments.find(({ id }) => id === chat.department)?.name ?? '';
  const asked =
    chat.asked_operator === null ? `${chat.asked} operators are asked` : `${named(chat.asked_operator)} is asked`;
  const quiet = chat.waiting_since === null ? 'hasn’t written yet' : 'nobody is asked';
  const who = isWaiting(chat)
    ? chat.asked > 0
      ? asked
      : quiet
    : `${chat.state === 'invited' ? 'invited by' : 'with'} ${named(chat.operator)}${chat.asked > 0 ? `, ${asked}` : ''}`;
  return `${department} · ${who} · ${chat.last_number} ${chat.last_number === 1 ? 'message' : 'messages'}`;
}
