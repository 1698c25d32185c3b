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
  /** May open and close the departments that it is in. */
  readonly manager: boolean;
  /** Of what Foyer says to this operator. */
  readonly language: string;
  readonly disabled: boolean;
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
