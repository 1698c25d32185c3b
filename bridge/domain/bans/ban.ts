import { FoyerError } from '../../shared/errors.js';
import { cleanLine } from '../../shared/text.js';
import { isOpen, type Chat, type ClosedBy } from '../chats/chat.js';
import { closeChat } from '../chats/close-chat.js';
import type { Tx } from '../ports.js';
import { takeOffline } from '../visitors/time-out.js';
import type { Visitor } from '../visitors/visitor.js';

/** Somebody may not chat, for a time or for good. */
export interface Ban {
  readonly id: number;
  readonly instanceId: number;
  /** Null: at every desk. */
  readonly deskId: number | null;
  /** Whom it is about: whichever of these three is there. */
  readonly visitorId: number | null;
  /** A keyed digest of the visitor's address: it holds for whoever comes from there. */
  readonly address: Buffer | null;
  /** A range of addresses, as `203.0.113.0/24`. */
  readonly network: string | null;
  /** One line that the visitor never sees. */
  readonly reason: string;
  /** As in the audit. */
  readonly actor: string;
  readonly createdAt: Date;
  /** Null: for good. */
  readonly expiresAt: Date | null;
}

/** A ban with the name of the visitor, where it has one. */
export interface BanView extends Ban {
  readonly nick: string | null;
}

export interface BanFilter {
  /** Bans with a lower id: the next page. */
  before?: number | undefined;
  /** Those that hold at every desk, and at the desks of these departments. */
  departmentIds?: readonly number[] | undefined;
  limit: number;
}

/** Where a page calls from. */
export interface Client {
  /** What the record may hold for its address: under the present key first, then under earlier ones. */
  readonly digests: readonly [Buffer, ...Buffer[]];
  isIn(network: string): boolean;
}

export interface Who {
  instanceId: number;
  deskId: number | null;
  visitorId: number | null;
  /** Undefined: a helpdesk speaks for the visitor. */
  client?: Client | undefined;
}

export type NewBan = Omit<Ban, 'id' | 'createdAt' | 'expiresAt'> & {
  /** Null: for good. */
  seconds: number | null;
};

export interface BanStore {
  /** Those that hold now and name this visitor or one of these digests, and all of networks; at the desk or at every desk. */
  candidates(who: Pick<Who, 'instanceId' | 'deskId' | 'visitorId'>, digests: readonly Buffer[]): Promise<Ban[]>;
  ofVisitor(instanceId: number, visitorId: number): Promise<Ban[]>;
  get(instanceId: number, id: number): Promise<Ban | undefined>;
  /** How many hold, and how many of them are of networks. */
  count(instanceId: number): Promise<{ all: number; networks: number }>;
  /** Ends by the database's clock. */
  create(ban: NewBan): Promise<Ban>;
  delete(ids: readonly number[]): Promise<void>;
}

/** Of an instance. */
export const BANS_AT_MOST = 10_000;
/** Each page view is held against all of them. */
export const NETWORKS_AT_MOST = 500;
/** Characters. */
export const REASON_LENGTH = 500;
/** Ten years: longer is for good. */
export const BAN_SECONDS_AT_MOST = 10 * 365 * 86_400;

/** Where nobody says how long: a day. */
export const USUAL_SECONDS = 86_400;

const UNITS: Record<string, number> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `30m`, `2h`, `7d`, `2w` in seconds, `forever` as null; undefined when it is no such term. */
export function parseTerm(text: string): number | null | undefined {
  if (text.toLowerCase() === 'forever') return null;
  const [, count = '', unit = ''] = /^(\d{1,6})([mhdw])$/i.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit.toLowerCase()] ?? 0);
  return seconds > 0 && seconds <= BAN_SECONDS_AT_MOST ? seconds : undefined;
}

/** The ban that keeps somebody out now. */
export async function findBan(tx: Tx, who: Who): Promise<Ban | undefined> {
  const found = await tx.bans.candidates(who, who.client?.digests ?? []);
  return found.find(({ network }) => network === null || who.client?.isIn(network) === true);
}

/** @throws FoyerError `banned` */
export async function refuseBanned(tx: Tx, who: Who): Promise<void> {
  if (await findBan(tx, who)) throw banned();
}

/** The one text that whoever is banned gets: neither why nor by whom. */
export function banned(): FoyerError {
  return new FoyerError('banned', 'This visitor may not chat here.');
}

export interface BanVisitor {
  /** Null: at every desk. */
  deskId: number | null;
  seconds: number | null;
  reason: string;
  actor: string;
  /** Who ends the chat that is open. */
  by: ClosedBy;
}

/**
 * Bans a visitor and the address that it was last seen at: its chat there is closed, and its contact goes offline. The visitor must be locked.
 * @throws FoyerError `conflict` when the instance has too many
 */
export async function banVisitor(tx: Tx, visitor: Visitor, { by, ...ban }: BanVisitor): Promise<Ban> {
  const chat = visitor.openChatId === null ? undefined : await tx.chats.lock(visitor.openChatId);
  const address = (await tx.visitors.address(visitor.id)) ?? null;
  const made = await createBan(tx, {
    ...{ instanceId: visitor.instanceId, visitorId: visitor.id, address, network: null },
    ...ban,
  });
  if (chat && isOpen(chat) && concerns(made, chat)) await closeChat(tx, chat, by);
  if (made.deskId === null && visitor.online) await takeOffline(tx, visitor);
  return made;
}

/** @param network in its normal form @throws FoyerError `conflict` when the instance has too many */
export async function banNetwork(
  tx: Tx,
  instanceId: number,
  network: string,
  ban: Omit<BanVisitor, 'by'>,
): Promise<Ban> {
  return createBan(tx, { instanceId, visitorId: null, address: null, network, ...ban });
}

/** @throws FoyerError `not_found` */
export async function liftBan(tx: Tx, instanceId: number, id: number, actor: string): Promise<void> {
  const ban = await tx.bans.get(instanceId, id);
  if (!ban) throw new FoyerError('not_found', 'There is no such ban.');
  await liftBans(tx, [ban], actor);
}

export async function liftBans(tx: Tx, bans: readonly Ban[], actor: string): Promise<void> {
  await tx.bans.delete(bans.map(({ id }) => id));
  for (const ban of bans)
    tx.audit.add({
      instanceId: ban.instanceId,
      actor,
      action: 'ban.lift',
      subject: subjectOf(ban),
      details: { ban: ban.id },
    });
}

async function createBan(tx: Tx, given: NewBan): Promise<Ban> {
  const { all, networks } = await tx.bans.count(given.instanceId);
  const full = all >= BANS_AT_MOST || (given.network !== null && networks >= NETWORKS_AT_MOST);
  if (full) throw new FoyerError('conflict', 'There are too many bans; remove some.');
  const ban = await tx.bans.create({ ...given, reason: cleanLine(given.reason).slice(0, REASON_LENGTH) });
  const { reason, expiresAt, actor, instanceId, deskId } = ban;
  tx.audit.add({
    ...{ instanceId, actor, action: 'ban.create', subject: subjectOf(ban) },
    details: { ban: ban.id, desk: deskId, reason, until: expiresAt?.toISOString() ?? null },
  });
  return ban;
}

function concerns({ deskId }: Ban, chat: Chat): boolean {
  return deskId === null || deskId === chat.deskId;
}

function subjectOf({ visitorId, network }: Ban): string {
  return network === null ? `visitor:${visitorId}` : `network:${network}`;
}
