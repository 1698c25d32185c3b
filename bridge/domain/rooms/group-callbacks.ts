import { cut } from '../../shared/text.js';
import { notifyOperator } from '../chats/notify-operator.js';
import type { Operator } from '../operators/operator.js';
import type { Refusal } from '../outbox/entry.js';
import { operatorRef } from '../helpdesk-events.js';
import type { Tx } from '../ports.js';
import { roomJid, type Room } from './room.js';
import type { RoomMessage } from './store.js';

/** Callbacks about one group arrive in the order of its events. */
export function groupLane(room: Pick<Room, 'id'>): string {
  return `r${room.id}`;
}

export function roomRef(room: Room): Record<string, unknown> {
  return { id: room.id, external_id: room.externalId, title: room.title, jid: roomJid(room) };
}

/** Somebody came into a group, or left it. */
export async function tellGroup(
  tx: Tx,
  room: Room,
  type: 'room.joined' | 'room.left',
  { name, operator }: { name: string; operator: Operator | undefined },
): Promise<void> {
  const instance = await tx.instances.get(room.instanceId);
  const data = { room: roomRef(room), operator: operator ? operatorRef(operator) : null, name };
  tx.outbox.toHelpdesk(instance, groupLane(room), type, data);
}

export async function tellGroupMessage(
  tx: Tx,
  room: Room,
  type: 'room.message' | 'room.message_corrected' | 'room.message_retracted',
  message: RoomMessage,
  author: Operator | undefined,
): Promise<void> {
  const instance = await tx.instances.get(room.instanceId);
  tx.outbox.toHelpdesk(instance, groupLane(room), type, {
    room: roomRef(room),
    message: {
      ...{ id: message.id, author: author ? operatorRef(author) : null, author_name: message.authorName },
      ...{ text: message.text, created_at: message.createdAt.toISOString() },
    },
  });
}

/** So much of the message is repeated to whoever wrote it. */
const QUOTED = 200;

/** The helpdesk doesn't take what an operator said in a group's room, so that nobody reads it there: its author is told, and reads which words they were. */
export async function groupMessageRefused(tx: Tx, authorId: number, text: string, { detail }: Refusal): Promise<void> {
  const author = await tx.operators.get(authorId);
  const service = author && (await tx.accounts.service((await tx.instances.get(author.instanceId)).host));
  if (!author || !service) return;
  const notice = { key: 'refused', values: { reason: detail } } as const;
  notifyOperator(tx, service, author, notice, undefined, `> ${cut(text.replaceAll('\n', ' '), QUOTED)}`);
}
