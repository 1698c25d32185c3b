import { showSince } from './clock.js';
import { button, make, setText, type Row } from './dom.js';
import { nameOf, type OpenChat, type Operator, type Overview, type Rights } from './types.js';

/** What can be done with a chat. */
export interface ChatActions {
  watch: (chat: OpenChat) => void;
  follow: (chat: OpenChat) => void;
  transfer: (chat: OpenChat) => void;
  takeOver: (chat: OpenChat) => void;
  decline: (chat: OpenChat) => void;
  ban: (chat: OpenChat) => void;
  close: (chat: OpenChat) => void;
}

export function isWaiting({ state }: OpenChat): boolean {
  return state === 'waiting' || state === 'offered';
}

/** Could be given a chat, if there is room. */
export function isThere({ show, paused, approved }: Operator): boolean {
  return ['available', 'chat', 'away'].includes(show) && !paused && approved;
}

export function chatRow(
  first: OpenChat,
  actions: ChatActions,
  rights: () => Rights,
  overview: () => Overview | null,
): Row<OpenChat> {
  let chat = first;
  const title = make('strong');
  const since = make('span', 'since');
  const facts = make('span', 'quiet');
  const act = (word: string, key: keyof ChatActions) =>
    button(word, `${word} chat ${first.number}`, () => actions[key](chat));
  const [watch, follow, transfer, takeOver] = [
    act('Watch', 'watch'),
    act('Follow', 'follow'),
    act('Transfer', 'transfer'),
    act('Take over', 'takeOver'),
  ];
  const [decline, ban, close] = [act('Pass on', 'decline'), act('Ban', 'ban'), act('End', 'close')];
  const head = make('div', 'head', [title, make('span', 'quiet', `#${first.number}`), since]);
  const buttons = make('div', 'buttons', [watch, follow, transfer, takeOver, decline, ban, close]);
  const element = make('li', '', [head, facts, buttons]);
  return {
    element,
    update(now) {
      chat = now;
      const { operator, manages } = rights();
      const mine = manages(now.department);
      setText(title, nameOf(now.visitor));
      showSince(since, now.waiting_since ?? now.accepted_at ?? (isWaiting(now) ? null : now.created_at));
      setText(facts, factsOf(now, overview()));
      element.className = now.state;
      const invited = now.state === 'invited';
      follow.hidden = operator === null || now.state !== 'active' || now.operator === operator;
      transfer.hidden = !mine || invited;
      takeOver.hidden = !mine || invited || operator === null || now.operator === operator;
      decline.hidden = !mine || now.asked_operator === null;
      ban.hidden = !mine;
      close.hidden = !mine;
    },
  };
}

/** What stands below the visitor's name; also what the lists are searched by. */
export function factsOf(chat: OpenChat, overview: Overview | null): string {
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
