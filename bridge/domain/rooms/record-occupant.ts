import { USUAL_SECONDS } from '../bans/ban.js';
import { isOpen, type Chat } from '../chats/chat.js';
import { closeChat } from '../chats/close-chat.js';
import { returnToQueue } from '../chats/return-to-queue.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { enqueue } from '../queue/enqueue.js';
import { bringWatchers, isWatching, stopWatching } from '../supervision/watch.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import { cut } from '../../shared/text.js';
import { remakeGroup } from './group.js';
import { owner } from './make-room.js';
import { noteOnPage } from './room-notes.js';
import { moveRoom } from './move-room.js';
import { passOn } from './pass-on.js';
import { banOperator, operatorUnder, putVisitorOut, recordPutOut, whoIs, type PutOut } from './put-out.js';
import { tellGroup } from './group-callbacks.js';
import { enterAsService, enterRoom, leaveRoom } from './room-talk.js';
import { hasVoice, ownAccounts, presentIn, WATCHER, type OwnAccounts } from './present.js';
import { isOpenRoom, nextState, type Occupant, type Room } from './room.js';

/** What mod_foyer says of one client in a room. */
export interface OccupantReport {
  /** Full JID. */
  jid: string;
  nick: string;
  role: string;
  present: boolean;
  /** Why it isn't there any more; `left`: its client said so. */
  cause: string;
  /** Nick of whoever put it out, by an own client; empty: nobody did, or Foyer. */
  actor: string;
  /** What was given for it. */
  reason: string;
  /** By ejabberd's clock. */
  at: Date;
}

/** Reasons of leaving that the person itself, or somebody in the room, meant. */
const CLEAN = new Set(['left', 'removed', 'kicked', 'banned']);
/** Reasons that only a connection had. */
const LOST = new Set(['lost', 'shutdown']);

/**
 * Somebody is in a room, or no longer: the room's state follows, the page hears of colleagues who come and go, and what must be in the room comes back. Reports
 * may arrive twice or late: for each client the newest holds.
 */
export async function recordOccupant(tx: Tx, found: Room, report: OccupantReport): Promise<void> {
  const chat = found.chatId === null ? undefined : await tx.chats.lock(found.chatId);
  const room = await tx.rooms.lock(found.id);
  if (!room || !isOpenRoom(room) || (room.syncedAt !== null && report.at <= room.syncedAt)) return;
  const before = await tx.rooms.occupants(room.id);
  const known = await tx.rooms.occupant(room.id, report.jid);
  if (known && known.reportedAt > report.at) return;
  const { jid, role, present, at: reportedAt } = report;
  const occupant: Occupant = { jid, nick: cut(report.nick, 1000), role, present, reportedAt };
  await tx.rooms.setOccupant(room.id, occupant);
  const after = [...before.filter((one) => one.jid !== jid), occupant];
  await follow(tx, room, chat, { before, after, occupant, report });
}

interface Change {
  before: readonly Occupant[];
  after: readonly Occupant[];
  occupant: Occupant;
  report: OccupantReport;
}

async function follow(
  tx: Tx,
  room: Room,
  chat: Chat | undefined,
  { before, after, occupant, report }: Change,
): Promise<void> {
  const { cause } = report;
  const own = await ownAccounts(tx, room, chat);
  const who = bareJid(occupant.jid);
  const wasThere = before.some((one) => hasVoice(one) && bareJid(one.jid) === who);
  const isThere = after.some((one) => hasVoice(one) && bareJid(one.jid) === who);
  if (!isThere && LOST.has(cause)) await bringBack(tx, room, chat, who, own);
  const clean = CLEAN.has(cause);
  if (chat && [...before, ...after].some((one) => one.role === WATCHER && one.jid === occupant.jid))
    await watcherChanged(
      tx,
      chat,
      who,
      after.some((one) => one.present && bareJid(one.jid) === who),
      clean,
    );
  if (wasThere && !isThere && occupant.present) await putOutSilenced(tx, room, chat, who);
  if (wasThere !== isThere && who !== own.service && who !== own.visitor)
    await personChanged(tx, room, chat, who, occupant.nick, isThere);
  const present = presentIn(room, after, own);
  const goesOn = chat !== undefined && isOpen(chat) && chat.roomId === room.id;
  const next = nextState(room, present, clean, goesOn);
  if (next !== null) await moveRoom(tx, room, next, cause === '' ? 'entered' : cause);
  if (next === 'staff_waiting') tx.queue.wake(room.instanceId);
  if (!clean) return;
  const gone = wasThere && !isThere;
  if (gone && who !== own.service && (cause === 'kicked' || cause === 'banned'))
    await recordOut(tx, room, chat, own.visitor === who ? null : who, report);
  const leftAlone = present.people === 0 && presentIn(room, before, own).people > 0;
  if (chat && who !== own.visitor && who !== own.service && (gone || leftAlone))
    await personGone(tx, room, chat, present.people, cause);
}

/** Who watches may be away for a while, but doesn't once it has left. */
async function watcherChanged(tx: Tx, chat: Chat, who: string, present: boolean, clean: boolean): Promise<void> {
  const operator = await operatorAt(tx, who);
  if (!operator) return;
  if (!present && clean) await stopWatching(tx, chat, operator);
  else await tx.supervision.setPresent(chat.id, operator.id, present);
}

/** A moderator's client took somebody's membership away: who stays without a voice and watches nothing has no business there any more. */
async function putOutSilenced(tx: Tx, room: Room, chat: Chat | undefined, who: string): Promise<void> {
  const operator = await operatorAt(tx, who);
  if (operator && chat && (await isWatching(tx, chat, operator))) return;
  tx.outbox.toAccount(owner(room), { kind: 'room.dismiss', room: room.id, user: splitJid(who).local });
}

async function operatorAt(tx: Tx, jid: string): Promise<Operator | undefined> {
  const { host, local } = splitJid(jid);
  const account = await tx.accounts.byJid(host, local);
  return account && tx.operators.byAccount(account.id);
}

/** A session of ours that was lost: it comes back for as long as it is needed. */
async function bringBack(tx: Tx, room: Room, chat: Chat | undefined, who: string, own: OwnAccounts): Promise<void> {
  if (who === own.service && room.purpose !== 'pool') enterAsService(tx, room);
  if (who !== own.visitor || !chat || !isOpen(chat) || chat.roomId !== room.id) return;
  const visitor = await tx.visitors.peek(chat.visitorId);
  if (visitor?.online === true) await enterRoom(tx, room, chat);
}

async function personChanged(
  tx: Tx,
  room: Room,
  chat: Chat | undefined,
  who: string,
  nick: string,
  isThere: boolean,
): Promise<void> {
  const operator = await operatorAt(tx, who);
  const waits = room.purpose === 'pool' && (room.state === 'available' || room.state === 'directed');
  if (isThere && operator && waits) {
    room.operatorId = operator.id;
    await tx.rooms.update(room);
  }
  const name = operator?.name ?? nick;
  if (room.purpose === 'group') await tellGroup(tx, room, isThere ? 'room.joined' : 'room.left', { name, operator });
  if (chat && isOpen(chat))
    await noteOnPage(tx, chat, { key: isThere ? 'room_joined' : 'room_left', values: { name } });
}

/** Somebody was put out in a client, by whoever may. What Foyer did was recorded when it did. @param who null: the visitor */
async function recordOut(
  tx: Tx,
  room: Room,
  chat: Chat | undefined,
  who: string | null,
  { cause, actor: nick, reason }: OccupantReport,
): Promise<void> {
  if (nick === '') return;
  const by = await operatorUnder(tx, room, nick);
  const out: PutOut = { actor: by ? `operator:${by.id}` : 'ejabberd', by, reason };
  const seconds = cause === 'banned' ? USUAL_SECONDS : undefined;
  if (who === null) {
    if (chat?.roomId === room.id)
      await putVisitorOut(tx, room, chat, out, seconds === undefined ? undefined : { seconds });
    return;
  }
  const one = await whoIs(tx, room, chat, who);
  if (one.who !== 'operator') return;
  if (seconds === undefined) await recordPutOut(tx, room, one.operator, 'room.kick', out);
  else await banOperator(tx, room, one.operator, out, seconds);
}

/** Somebody who isn't the visitor has left in good order, or was put out. @param people how many are left */
async function personGone(tx: Tx, room: Room, chat: Chat, people: number, cause: string): Promise<void> {
  const here = isOpen(chat) && chat.roomId === room.id;
  if (room.purpose === 'pool') {
    if (!here) return;
    if (people === 0 && cause === 'left') return closeChat(tx, chat, 'operator');
    const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
    if (owner && (await isIn(tx, room, owner))) return;
    const now = await tx.queue.lock(chat.instanceId);
    if (await passOn(tx, chat)) return;
    // The visitor didn't ask for the chat to end.
    if (people > 0 || chat.state !== 'active') return;
    await returnToQueue(tx, chat, owner, now);
    return enqueue(tx, chat);
  }
  if (people > 0) return;
  // The chat goes on in the contact's window.
  if (chat.roomId === room.id) leaveRoom(tx, chat);
  if (isOpenRoom(room)) await moveRoom(tx, room, 'closed', 'left');
}

async function isIn(tx: Tx, room: Room, { jid }: Operator): Promise<boolean> {
  return (await tx.rooms.occupants(room.id)).some((one) => hasVoice(one) && bareJid(one.jid) === jid);
}

/** Accounts of ours that should be in the room and aren't. */
export async function enterMissing(tx: Tx, room: Room, jids: readonly string[]): Promise<void> {
  const chat = room.chatId === null ? undefined : await tx.chats.lock(room.chatId);
  const own = await ownAccounts(tx, room, chat);
  for (const jid of jids) await bringBack(tx, room, chat, jid, own);
}

/** ejabberd has the room no more: a chat goes on without it. */
export async function roomVanished(tx: Tx, found: Room, reason: string): Promise<void> {
  const chat = found.chatId === null ? undefined : await tx.chats.lock(found.chatId);
  const room = await tx.rooms.lock(found.id);
  if (!room || !isOpenRoom(room)) return;
  if (room.purpose === 'group') {
    await remakeGroup(tx, room);
    return;
  }
  const tookPlace = chat?.roomId === room.id ? chat : undefined;
  if (tookPlace) leaveRoom(tx, tookPlace);
  await moveRoom(tx, room, 'abandoned', reason);
  if (tookPlace && isOpen(tookPlace)) await bringWatchers(tx, tookPlace);
}
