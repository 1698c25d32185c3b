import type { Chat, ChatState, ClosedBy } from './chats/chat.js';
import type { Tx } from './ports.js';
import type { RoomState } from './rooms/room.js';

/** What people who run Foyer read in the log once it is committed. Ids and figures only: never a name or a text. */
export type Happening =
  | { what: ChatHappening; chat: ChatFacts }
  | { what: 'roomMoved'; room: number; instance: number; state: RoomState; reason: string }
  | { what: 'visitorsTimedOut'; visitors: number }
  | { what: 'waitEnded'; seconds: number; estimate: number }
  | { what: 'operatorOnline' | 'operatorOffline'; operator: number };

export type ChatHappening =
  'chatStarted' | 'chatInvited' | 'chatAccepted' | 'chatReleased' | 'chatClosed' | 'chatAbandoned' | 'chatMissed';

/** A chat as it was when it happened. */
export interface ChatFacts {
  chat: number;
  instance: number;
  number: number;
  state: ChatState;
  operator: number | null;
  closedBy: ClosedBy | null;
}

export function chatHappened(tx: Tx, what: ChatHappening, chat: Chat): void {
  const { id, instanceId, number, state, operatorId, closedBy } = chat;
  tx.report({ what, chat: { chat: id, instance: instanceId, number, state, operator: operatorId, closedBy } });
}
