/** A person who answers, with an XMPP account. */
export interface Operator {
  readonly id: number;
  readonly instanceId: number;
  readonly accountId: number;
  /** Display name; what visitors and colleagues read. */
  readonly name: string;
  /** Bare JID. */
  readonly jid: string;
  /** Chats at a time. */
  readonly maxChats: number;
  /** Takes no new chats for now. */
  readonly paused: boolean;
  /** Its helpdesk says that it takes no new chats for now, whatever the operator itself says. */
  readonly offDuty: boolean;
  /** May open and close the departments that it is in. */
  readonly manager: boolean;
  /** Of what Foyer says to this operator. */
  readonly language: string;
  /** What the operator knows about, in lower case: chats may ask for it. */
  readonly skills: readonly string[];
  /** Language tags that the operator answers in; empty: nobody has said. */
  readonly speaks: readonly string[];
  /** Sees what visitors are typing before it is sent, where the desk allows it. */
  readonly preview: boolean;
  /** Until a manager has said so an operator is offered nothing and can take nothing. */
  readonly approved: boolean;
  readonly disabled: boolean;
}

/** `answer`: is offered chats; `monitor`: sees what there is and takes nothing; `manage`: answers, opens and closes the department, and approves its operators. */
export type Access = 'answer' | 'monitor' | 'manage';

export const ACCESSES = ['answer', 'monitor', 'manage'] as const satisfies readonly Access[];

/** An operator's place in a department. */
export interface Membership {
  readonly departmentId: number;
  /** From 1 to 9: who has a higher number is asked when nobody of a lower one can be. */
  readonly priority: number;
  readonly access: Access;
}

export type Show = 'available' | 'chat' | 'away' | 'xa' | 'dnd' | 'offline';

export interface OperatorPresence {
  show: Show;
  /** The text that the operator's client set. */
  status: string;
  priority: number;
  /** How many clients are online. */
  resources: number;
}

/** The one order in which operators are asked: free to chat first, busy last. Offline ones are never asked. */
export const SHOW_ORDER: readonly Show[] = ['chat', 'available', 'away', 'xa', 'dnd'];
