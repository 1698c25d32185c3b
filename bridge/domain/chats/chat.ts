import type { Answer } from '../desks/question.js';

/** One conversation between a visitor and the operators. */
export interface Chat {
  readonly id: number;
  readonly instanceId: number;
  /** What people type (`!accept 42`): counts from 1 in each instance. */
  readonly number: number;
  readonly visitorId: number;
  /** The XMPP account that stands for the visitor in this chat. */
  accountId: number;
  readonly deskId: number | null;
  departmentId: number;
  state: ChatState;
  readonly initiator: 'visitor' | 'operator' | 'helpdesk';
  /** The owner; null while the chat waits. */
  operatorId: number | null;
  /** Who answers an active chat in the helpdesk's pages, where that is nobody whom Foyer knows as an operator; then it has no owner. */
  heldBy: string | null;
  /** The room in which it takes place, beside the contact or instead of it. */
  roomId: number | null;
  lastNumber: number;
  feedNumber: number;
  /** UTF-8 bytes of all its messages. */
  textBytes: number;
  /** Highest operator's message that the page has shown. */
  seenByVisitor: number;
  /** Highest visitor's message that an operator's client has displayed. */
  seenByOperator: number;
  /** Highest visitor's message that ejabberd has acknowledged, or that has come further. Below it there may be others that haven't. */
  ackedTo: number;
  /** The same for those that an operator's client has received. */
  deliveredTo: number;
  readonly createdAt: Date;
  acceptedAt: Date | null;
  closedAt: Date | null;
  closedBy: ClosedBy | null;
  /** Its place in the queue is by this time: the visitor's first message. Null before it. By the database's clock, like the next one. */
  queuedAt: Date | null;
  /** Since when it has had no owner: what was offered before doesn't count any more. */
  waitingSince: Date | null;
  /** It came from another department because it had waited too long there. */
  overflowed: boolean;
  /** Why it has lost its owner, as JSON, until another has it: whoever is asked reads it. */
  handover: string | null;
  /** It waits for an account of its desk's pool, and nobody is asked meanwhile; the service account stands for it. */
  noContact: boolean;
  /** Skills and languages that its operator should have, as JSON. */
  wants: string | null;
  /** A page that the visitor is to see and that none of its own has gone to yet, as JSON. */
  redirect: string | null;
  /** What the visitor was last told: the place among those that wait, from 1, and the seconds that it will take. */
  position: number | null;
  waitSeconds: number | null;
  /** The seconds that it was to take when it came into the queue; null: nobody could say, or it had an operator at once. */
  estimateSeconds: number | null;
  /** To the questions that the desk asked before it. */
  readonly answers: readonly Answer[];
}

export type ClosedBy = 'visitor' | 'operator' | 'helpdesk' | 'system';

/**
 * `waiting`: nobody has seen it; `offered`: shown to operators, nobody owns it; `active`: has an owner, or somebody in the helpdesk who holds it; `invited`: an operator wrote first
 * and owns it, the visitor has not answered; `closed`: ended by somebody; `abandoned`: the visitor left before an operator answered;
 * `missed`: an invitation that was never answered.
 */
export type ChatState = 'waiting' | 'offered' | 'active' | 'invited' | 'closed' | 'abandoned' | 'missed';

/** Every transition that there is. A chat never leaves an end state. */
const TRANSITIONS: Record<ChatState, readonly ChatState[]> = {
  waiting: ['offered', 'active', 'closed', 'abandoned'],
  offered: ['waiting', 'active', 'closed', 'abandoned'],
  active: ['waiting', 'closed'],
  invited: ['active', 'closed', 'missed'],
  closed: [],
  abandoned: [],
  missed: [],
};

export function canMove(from: ChatState, to: ChatState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Moves the chat, which must be locked. Throws on a transition that isn't in the table: that is a fault of ours, never a client's. */
export function moveChat(chat: Chat, to: ChatState): void {
  if (!canMove(chat.state, to)) throw new Error(`Chat ${chat.id} can't go from ${chat.state} to ${to}`);
  chat.state = to;
  if (to === 'waiting') return;
  chat.position = null;
  chat.waitSeconds = null;
}

/** Whether messages may still be added. */
export function isOpen(chat: Pick<Chat, 'state'>): boolean {
  return TRANSITIONS[chat.state].length > 0;
}
