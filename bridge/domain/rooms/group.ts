import { FoyerError } from '../../shared/errors.js';
import { cleanText } from '../../shared/text.js';
import type { ChatLimits } from '../chats/limits.js';
import { textBytes } from '../chats/message.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { inviteInto } from './direct-operator.js';
import { makeRoom, owner } from './make-room.js';
import { moveRoom } from './move-room.js';
import { enterAsService, relayIntoRoom, showTopic } from './room-talk.js';
import { isOpenRoom, type Room } from './room.js';
import type { RoomMessage } from './store.js';

/** Occupants of a group's room. */
const MAX_OCCUPANTS = 200;

/**
 * A group chat of operators becomes a room: its members are let in and invited. The same external id again gives the group that there is.
 * @throws FoyerError `ejabberd_unavailable` before the service account is there
 */
export async function createGroup(
  tx: Tx,
  group: { instanceId: number; externalId: string; title: string; members: readonly Operator[] },
): Promise<Room> {
  const { instanceId, externalId, title, members } = group;
  const existing = await tx.rooms.byExternalId(instanceId, externalId);
  if (existing) return existing;
  const room = await makeRoom(tx, {
    ...{ instanceId, departmentId: null, purpose: 'group', title, maxOccupants: MAX_OCCUPANTS, externalId },
  });
  await tx.rooms.setMembers(
    room.id,
    members.map(({ id }) => id),
  );
  await openGroup(tx, room, members);
  return room;
}

/** The service account speaks in it for those who write in the helpdesk's pages. */
async function openGroup(tx: Tx, room: Room, members: readonly Operator[]): Promise<void> {
  enterAsService(tx, room);
  if (room.subject !== '') showTopic(tx, room);
  for (const member of members) await inviteInto(tx, room, member, 'group_invited', { title: room.title });
}

/** These and no others: who is new is invited, who is no longer a member is put out. The room must be locked. */
export async function setGroupMembers(tx: Tx, room: Room, members: readonly Operator[]): Promise<void> {
  const before = await tx.rooms.members(room.id);
  const after = members.map(({ id }) => id);
  await tx.rooms.setMembers(room.id, after);
  for (const member of members)
    if (!before.includes(member.id)) await inviteInto(tx, room, member, 'group_invited', { title: room.title });
  for (const id of before.filter((one) => !after.includes(one))) {
    const operator = await tx.operators.get(id);
    if (!operator) continue;
    const user = operator.jid.slice(0, operator.jid.indexOf('@'));
    tx.outbox.toAccount(owner(room), { kind: 'room.dismiss', room: room.id, user });
  }
}

/**
 * What somebody wrote in the helpdesk's pages is said in the room. The same key again is the same message; the helpdesk isn't told of its own.
 * @throws FoyerError `invalid_request` | `message_too_long`
 */
export async function postToGroup(
  tx: Tx,
  limits: ChatLimits,
  room: Room,
  sent: { operator: Operator | null; author: string; text: string; senderKey: string },
): Promise<RoomMessage> {
  const repeated = await tx.rooms.messageByKey(room.id, sent.senderKey);
  if (repeated) return repeated;
  const text = cleanText(sent.text);
  if (text.trim() === '') throw new FoyerError('invalid_request', 'The text is empty.');
  if (textBytes(text) > limits.messageBytes)
    throw new FoyerError('message_too_long', `The text is longer than ${limits.messageBytes} bytes.`, {
      limit: limits.messageBytes,
    });
  const message = await tx.rooms.addMessage({
    ...{ roomId: room.id, instanceId: room.instanceId, operatorId: sent.operator?.id ?? null },
    ...{ authorName: sent.author, text, senderKey: sent.senderKey },
  });
  if (!message) throw new Error('A message that was not there is there.');
  relayIntoRoom(tx, room, sent.author, text);
  return message;
}

/** Clients show the new title as soon as ejabberd has it. The room must be locked. */
export async function renameGroup(tx: Tx, room: Room, title: string): Promise<void> {
  if (room.title === title) return;
  room.title = title;
  await tx.rooms.update(room);
  tx.outbox.toAccount(owner(room), { kind: 'room.make', room: room.id });
}

/** The room goes with its group. The room must be locked. */
export async function removeGroup(tx: Tx, room: Room): Promise<void> {
  if (isOpenRoom(room)) await moveRoom(tx, room, 'closed', 'removed');
}

/** ejabberd has lost a group's room: it is made again, for its members. */
export async function remakeGroup(tx: Tx, room: Room): Promise<void> {
  tx.outbox.toAccount(owner(room), { kind: 'room.make', room: room.id });
  const members: Operator[] = [];
  for (const id of await tx.rooms.members(room.id)) {
    const operator = await tx.operators.get(id);
    if (operator && !operator.disabled) members.push(operator);
  }
  await openGroup(tx, room, members);
}
