import { followUpLink } from '../instances/follow-up.js';
import type { Tx } from '../ports.js';
import type { Visitor } from '../visitors/visitor.js';
import type { Chat } from './chat.js';

/** Where the visitor of this chat can go on, by the desk that it came from; null: nowhere. */
export async function chatFollowUp(tx: Tx, chat: Chat, known?: Visitor): Promise<string | null> {
  const desk = chat.deskId === null ? undefined : await tx.instances.desk(chat.deskId);
  if (desk === undefined || desk.followUp === null) return null;
  return followUpLink(desk, known ?? (await tx.visitors.peek(chat.visitorId)), chat);
}
