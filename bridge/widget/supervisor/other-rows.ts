import { isThere } from './chat-row.js';
import { dayAndTimeOf, showSince } from './clock.js';
import { button, make, setText, type Row } from './dom.js';
import type { Ban, Department, Desk, Operator, Rights, Room } from './types.js';

const CLOSED = {
  out_of_hours: 'closed: out of hours',
  queue_closed: 'closed by hand',
  queue_full: 'closed: too many wait',
  nobody_there: 'closed: nobody is there',
} as const;

export const SHOWS = {
  ...{ chat: 'free to chat', available: 'available', away: 'away', xa: 'away for long' },
  ...{ dnd: 'busy', offline: 'offline' },
} as const;

const ROOMS: Readonly<Record<string, string>> = {
  ...{ available: 'open', directed: 'an operator is invited', staff_waiting: 'an operator waits in it' },
  ...{ chatting: 'people talk in it', closing: 'one is left', lost: 'a connection is lost' },
};

export function departmentRow(
  first: Department,
  rights: () => Rights,
  change: (department: Department) => void,
): Row<Department> {
  let department = first;
  const name = make('strong');
  const state = make('span', 'badge');
  const figures = make('span', 'quiet');
  const opening = button('Open or close', `Open or close ${first.name}`, () => change(department));
  return {
    element: make('li', '', [name, state, figures, opening]),
    update(now) {
      department = now;
      const { waiting, offered, active, operators, open, closed_because: why } = now;
      setText(name, now.name);
      setText(state, why !== null ? CLOSED[why] : now.opening === 'open' ? 'open by hand' : 'open');
      state.className = open ? 'badge good' : 'badge bad';
      const there = `${operators.available} of ${operators.online} operators available`;
      setText(figures, `${waiting + offered} waiting · ${active} in conversation · ${there}`);
      opening.hidden = !rights().manages(now.id);
    },
  };
}

export function deskRow(first: Desk, rights: () => Rights, change: (desk: Desk) => void): Row<Desk> {
  let desk = first;
  const name = make('strong');
  const state = make('span', 'badge');
  const turn = button('', '', () => change(desk));
  return {
    element: make('li', '', [name, state, turn]),
    update(now) {
      desk = now;
      const active = now.state === 'active';
      setText(name, `${now.name} (${now.key})`);
      setText(state, active ? 'in use' : 'out of use');
      state.className = active ? 'badge good' : 'badge bad';
      setText(turn, active ? 'Take out of use' : 'Put into use');
      turn.setAttribute('aria-label', `${active ? 'Take out of use' : 'Put into use'}: desk ${now.key}`);
      turn.hidden = !rights().manages(now.department);
    },
  };
}

export function operatorRow(): Row<Operator> {
  const name = make('strong');
  const state = make('span', 'badge');
  const load = make('span', 'quiet');
  return {
    element: make('li', '', [name, state, load]),
    update(operator) {
      setText(name, operator.name);
      setText(state, stateOf(operator));
      state.className = isThere(operator) ? 'badge good' : operator.show === 'offline' ? 'badge' : 'badge busy';
      setText(load, `${operator.open_chats} of ${operator.max_chats} chats`);
    },
  };
}

/** How an operator is, in a word or two. */
export function stateOf({ show, paused, approved }: Operator): string {
  if (show === 'offline' || (!paused && approved)) return SHOWS[show];
  return approved ? 'paused' : 'not approved';
}

export function roomRow(departmentName: (id: number) => string): () => Row<Room> {
  return () => {
    const title = make('strong');
    const state = make('span', 'badge');
    const since = make('span', 'since');
    const facts = make('span', 'quiet');
    return {
      element: make('li', '', [make('div', 'head', [title, state, since]), facts]),
      update(room) {
        setText(title, room.title);
        setText(state, ROOMS[room.state] ?? room.state);
        state.className = room.state === 'lost' ? 'badge bad' : room.state === 'chatting' ? 'badge good' : 'badge busy';
        showSince(since, room.state_since);
        const people = room.occupants.length === 0 ? 'nobody is in it' : `in it: ${room.occupants.join(', ')}`;
        const parts = [room.department === null ? 'operators among themselves' : departmentName(room.department)];
        if (room.chat !== null) parts.push(`chat ${room.chat}`);
        setText(facts, [...parts, people].filter((part) => part !== '').join(' · '));
      },
    };
  };
}

export function banRow(first: Ban, lift: (ban: Ban) => void): Row<Ban> {
  const name = whoIsBanned(first);
  const facts = [
    first.expires_at === null ? 'for good' : `until ${dayAndTimeOf(first.expires_at)}`,
    first.desk === null ? '' : 'at one desk',
    first.address ? 'with the address' : '',
    first.reason,
  ];
  const words = make('span', 'quiet', facts.filter((fact) => fact !== '').join(' · '));
  return {
    element: make('li', '', [
      make('strong', '', name),
      words,
      button('Lift', `Lift the ban of ${name}`, () => lift(first)),
    ]),
    update: () => undefined,
  };
}

export function whoIsBanned({ network, nick, visitor }: Ban): string {
  return network ?? (nick !== null && nick.trim() !== '' ? nick : `Visitor ${visitor ?? ''}`);
}
