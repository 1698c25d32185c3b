import { applyChange } from './apply-change.js';
import { chatRow, factsOf, isThere, isWaiting, type ChatActions } from './chat-row.js';
import { setClock, showSince } from './clock.js';
import { byId, make, Rows, setText } from './dom.js';
import { departmentRow, deskRow, operatorRow, roomRow, stateOf } from './other-rows.js';
import { nameOf, type Department, type Desk, type OpenChat, type Overview, type OverviewChange } from './types.js';
import type { Rights } from './types.js';

export interface Actions extends ChatActions {
  opening: (department: Department) => void;
  desk: (desk: Desk) => void;
}

const TITLE = 'Foyer: supervision';

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
  private readonly departments: Rows<Department>;
  private readonly desks: Rows<Desk>;
  private readonly queue: Rows<OpenChat>;
  private readonly active: Rows<OpenChat>;
  private readonly operators = new Rows(byId('operators'), byId('operators-none'), operatorRow);
  private readonly rooms = new Rows(
    byId('rooms'),
    byId('rooms-none'),
    roomRow((id) => this.overview?.departments.find((one) => one.id === id)?.name ?? ''),
  );
  private readonly filter = byId<HTMLInputElement>('filter');

  constructor(actions: Actions, rights: () => Rights) {
    byId('tiles').replaceChildren(...Object.values(this.tiles).map(({ element }) => element));
    this.departments = new Rows(byId('departments'), null, (one) => departmentRow(one, rights, actions.opening));
    this.desks = new Rows(byId('desks'), null, (one) => deskRow(one, rights, actions.desk));
    const row = (chat: OpenChat) => chatRow(chat, actions, rights, () => this.overview);
    this.queue = new Rows(byId('queue'), byId('queue-none'), row);
    this.active = new Rows(byId('active'), byId('active-none'), row);
    this.filter.addEventListener('input', () => {
      this.restart();
      if (this.overview) this.show(this.overview);
    });
  }

  /** @returns the overview after it; null where there was none to change */
  change(change: OverviewChange): Overview | null {
    if (this.overview) this.show(applyChange(this.overview, change));
    return this.overview;
  }

  show(overview: Overview): void {
    this.overview = overview;
    setClock(overview.at);
    const { departments, chats, operators, rooms } = overview;
    this.showTiles(overview);
    this.departments.show(departments);
    this.desks.show(overview.desks);
    byId('desks-part').hidden = overview.desks.length === 0;
    const found = chats.filter((chat) =>
      this.finds(`${nameOf(chat.visitor)} #${chat.number} ${factsOf(chat, overview)}`),
    );
    this.queue.show(found.filter((chat) => isWaiting(chat)));
    this.active.show(found.filter((chat) => !isWaiting(chat)));
    byId('more').hidden = !overview.more;
    this.operators.show(operators.filter((one) => this.finds(`${one.name} ${stateOf(one)}`)));
    byId('more-operators').hidden = !overview.more_operators;
    this.rooms.show(rooms.filter((room) => this.finds([room.title, ...room.occupants].join(' '))));
    byId('more-rooms').hidden = !overview.more_rooms;
  }

  /** Lists begin from the top again: something else is shown in them. */
  restart(): void {
    const { queue, active, operators, rooms } = this;
    for (const rows of [queue, active, operators, rooms]) rows.reset();
  }

  /** With nothing of what was there before. */
  clear(): void {
    const { departments, desks, queue, active, operators, rooms } = this;
    for (const rows of [departments, desks, queue, active, operators, rooms]) {
      rows.reset();
      rows.show([]);
    }
    this.overview = null;
    this.filter.value = '';
    document.title = TITLE;
  }

  private showTiles({ departments, operators }: Overview): void {
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
  }

  private finds(text: string): boolean {
    const words = this.filter.value.toLowerCase().split(/\s+/);
    return words.every((word) => text.toLowerCase().includes(word));
  }
}

function tile(name: string): { element: HTMLElement; figure: HTMLElement } {
  const figure = make('dd', '', '0');
  return { element: make('div', 'tile', [make('dt', '', name), figure]), figure };
}
