import type { ChatLimits } from '../../domain/chats/limits.js';
import { parseStanzaId } from '../../domain/chats/message.js';
import type { Registry } from '../../domain/commands/registry.js';
import type { Transactions, Tx } from '../../domain/ports.js';
import type { BusinessEvents } from '../../observe/events.js';
import { describeError, FoyerError } from '../../shared/errors.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import { hookEvent, type EventResult, type HookBatch, type HookEvent } from './events.js';
import { instanceOfEvent, tellAuthor } from './rejected.js';
import { routeEvent } from './route-event.js';
import { roomSenderKeyOf, senderKeyOf } from './sender-key.js';

export interface ReceiveDeps {
  transactions: Transactions;
  events: BusinessEvents;
  limits: ChatLimits;
  commands: Registry;
  /** Localpart of the service account. */
  serviceLocal: string;
}

interface Item {
  id: string;
  raw: unknown;
  event: HookEvent | null;
  fault: string;
}

const SOURCE = 'ejabberd';

/**
 * Takes a batch of mod_foyer's events: all by one transaction, each with its own outcome, in their order. Resolves after the commit, so that the answer may
 * let mod_foyer forget them. An event that came before is a duplicate, whatever batch it comes in.
 * @throws FoyerError `database_unavailable`: nothing was taken
 */
export async function receiveBatch(deps: ReceiveDeps, batch: HookBatch): Promise<EventResult[]> {
  const items = batch.events.map(readItem);
  /** By batches before this one, and by this one. */
  const known = new Set<string>();
  const taken = new Set<string>();
  const context = { host: batch.host, limits: deps.limits, commands: deps.commands, serviceLocal: deps.serviceLocal };
  const results = await deps.transactions.batch<Item, EventResult>({
    items,
    prepare: (tx, chosen) => prepare(tx, chosen, known, taken),
    each: async (tx, item) => {
      if (taken.has(item.id)) return { id: item.id, status: 'duplicate' };
      if (item.event === null) throw new FoyerError('invalid_request', item.fault);
      tx.receipts.take(SOURCE, item.id);
      await routeEvent(tx, context, item.event);
      taken.add(item.id);
      return { id: item.id, status: 'stored' };
    },
    refused: async (tx, item, error) => {
      if (known.has(item.id)) return { id: item.id, status: 'duplicate' };
      const code = error instanceof FoyerError ? error.code : 'internal';
      const reason = error instanceof FoyerError ? error.message : 'The event could not be handled.';
      if (!(error instanceof FoyerError)) deps.events.hookEventFailed(item.id, describeError(error));
      tx.receipts.take(SOURCE, item.id);
      const instanceId = await instanceOfEvent(tx, item.raw);
      tx.receipts.keepRejected({ id: item.id, instanceId, host: batch.host, event: keepable(item), code, reason });
      await tellAuthor(tx, context, item.raw);
      taken.add(item.id);
      return { id: item.id, status: 'rejected', code, reason };
    },
  });
  deps.events.hookBatchReceived(results);
  return results;
}

function readItem(raw: { id: string }): Item {
  const parsed = hookEvent.safeParse(raw);
  if (parsed.success) return { id: raw.id, raw, event: parsed.data, fault: '' };
  const issue = parsed.error.issues[0];
  return {
    id: raw.id,
    raw,
    event: null,
    fault: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`.slice(0, 300),
  };
}

/** One that is nested without measure can be read, but not be written again. */
function keepable({ id, raw }: Item): unknown {
  try {
    JSON.stringify(raw);
    return raw;
  } catch {
    return { id };
  }
}

/** What the events will need, by a few statements instead of a few for each. */
async function prepare(tx: Tx, items: readonly Item[], known: Set<string>, taken: Set<string>): Promise<void> {
  known.clear();
  taken.clear();
  for (const id of await tx.receipts.known(
    SOURCE,
    items.map((item) => item.id),
  ))
    known.add(id);
  for (const id of known) taken.add(id);
  const jids = new Set<string>();
  const rooms = await readRooms(tx, items, taken);
  const chats = new Set(rooms.chats);
  for (const { id, event } of items) {
    if (taken.has(id) || event === null) continue;
    for (const jid of addresses(event)) jids.add(jid);
    const about = 'message_id' in event ? parseStanzaId(event.message_id) : null;
    if (about) chats.add(about.chatId);
  }
  const wanted = [...jids].map(splitJid);
  await tx.accounts.readByJids(wanted);
  const visitorAccounts: number[] = [];
  const operatorAccounts: number[] = [];
  for (const { host, local } of wanted) {
    const account = await tx.accounts.byJid(host, local);
    if (account?.kind === 'visitor' || account?.kind === 'chat') visitorAccounts.push(account.id);
    else if (account?.kind === 'operator') operatorAccounts.push(account.id);
  }
  await tx.visitors.readByAccounts(visitorAccounts);
  await tx.operators.readByAccounts(operatorAccounts);
  for (const id of visitorAccounts) {
    const visitor = await tx.visitors.byAccount(id);
    if (visitor?.openChatId != null) chats.add(visitor.openChatId);
  }
  await tx.chats.lockMany([...chats]);
  await tx.rooms.lockMany(rooms.changing);
  await tx.messages.readSenderKeys(await senderKeys(tx, items));
}

/** Chats before rooms, in every transaction. @returns the chats that take place in them, and the rooms that are to change */
async function readRooms(
  tx: Tx,
  items: readonly Item[],
  taken: ReadonlySet<string>,
): Promise<{ chats: number[]; changing: number[] }> {
  const events = items.flatMap(({ id, event }) => (event && 'room' in event && !taken.has(id) ? event : []));
  if (events.length > 0) await tx.rooms.readByJids([...new Set(events.map(({ room }) => room))].map(splitJid));
  const chats = new Set<number>();
  const changing = new Set<number>();
  for (const event of events) {
    const { host, local } = splitJid(event.room);
    const room = await tx.rooms.byJid(host, local);
    if (room?.chatId != null) chats.add(room.chatId);
    if (room && event.kind !== 'room_message' && event.kind !== 'room_chat_state') changing.add(room.id);
  }
  return { chats: [...chats], changing: [...changing] };
}

/** Under which a message of these events may be in the record already. */
async function senderKeys(tx: Tx, items: readonly Item[]): Promise<{ chatId: number; senderKey: string }[]> {
  const keys = [];
  for (const { event } of items) {
    if (event?.kind === 'room_message' && event.body !== undefined) {
      const place = splitJid(event.room);
      const room = await tx.rooms.byJid(place.host, place.local);
      if (room?.chatId != null) keys.push({ chatId: room.chatId, senderKey: roomSenderKeyOf(event) });
    }
    if (event?.kind !== 'message' || event.body === undefined) continue;
    const { local, host } = splitJid(event.to);
    const account = await tx.accounts.byJid(host, local);
    const visitor = account && (await tx.visitors.byAccount(account.id));
    if (visitor?.openChatId != null) keys.push({ chatId: visitor.openChatId, senderKey: senderKeyOf(event) });
  }
  return keys;
}

function* addresses(event: HookEvent): Generator<string> {
  if ('from' in event) {
    yield bareJid(event.from);
    yield bareJid(event.to);
  }
  if ('jid' in event && event.jid !== undefined) yield bareJid(event.jid);
  if (event.kind === 'presence') yield bareJid(event.operator);
  if (event.kind === 'ping') for (const { jid } of event.operators) yield bareJid(jid);
}
