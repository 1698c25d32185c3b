import type { Account, AccountWithPassword } from '../domain/accounts/account.js';
import { advanceDelivery, failDelivery } from '../domain/chats/delivery.js';
import { parseStanzaId } from '../domain/chats/message.js';
import { notifyOwner } from '../domain/chats/notify-operator.js';
import type { DueEntry, Outcome } from '../domain/outbox/entry.js';
import type { ClaimedLane, GivenUp } from '../domain/outbox/lane.js';
import type { Transactions } from '../domain/ports.js';
import { roomsMade } from '../domain/rooms/move-room.js';
import { parseRoomStanzaId, sayAgain } from '../domain/rooms/room-talk.js';

export interface ServeAccountDeps {
  transactions: Transactions;
  passwords: { get(id: number): Promise<AccountWithPassword | undefined> };
  courier: { deliverAccountLane(account: AccountWithPassword, entries: readonly DueEntry[]): Promise<Outcome[]> };
  /** Whether the account's session is logged in. */
  isOnline: (accountId: number) => boolean;
}

/** An acknowledgement that takes longer is worth telling: until then `sent` would be overtaken by `acked` before anybody saw it. */
const SLOW_ACK_MS = 250;

/** Rooms that one transaction writes down as made: each is locked until its end. */
const ROOMS_AT_ONCE = 50;

/** Carries out one account's lane, and writes down how far its messages and the account itself have come. */
export function serveAccount(
  deps: ServeAccountDeps,
): (lane: ClaimedLane, entries: readonly DueEntry[]) => Promise<Outcome[]> {
  return async (lane, entries) => {
    const account = lane.accountId === null ? undefined : await deps.passwords.get(lane.accountId);
    if (!account) return entries.map(() => ({ result: 'dead', reason: 'the account is gone' }));
    const slow = setTimeout(() => {
      if (deps.isOnline(account.id)) void recordProgress(deps.transactions, entries, 'sent').catch(() => undefined);
    }, SLOW_ACK_MS);
    const outcomes = await deps.courier.deliverAccountLane(account, entries).finally(() => clearTimeout(slow));
    const done = entries.filter((_, i) => outcomes[i]?.result === 'done');
    await recordProgress(deps.transactions, done, 'acked');
    await recordAccount(deps.transactions, account, done);
    await recordRooms(deps.transactions, done);
    return outcomes;
  };
}

/** A run of messages of one chat is one change: numbers follow each other nearly always. */
async function recordProgress(
  transactions: Transactions,
  done: readonly DueEntry[],
  state: 'sent' | 'acked',
): Promise<void> {
  const runs: { chatId: number; from: number; to: number }[] = [];
  for (const { entry } of done) {
    if ((entry.kind !== 'xmpp.message' && entry.kind !== 'room.message') || entry.track === undefined) continue;
    const { chatId, number } = entry.track;
    const last = runs.at(-1);
    if (last?.chatId === chatId && (number === last.to + 1 || number === last.to)) last.to = number;
    else runs.push({ chatId, from: number, to: number });
  }
  await Promise.all(
    runs.map(({ chatId, from, to }) =>
      transactions.shared({ chats: [chatId] }, async (tx) => {
        const chat = await tx.chats.lock(chatId);
        if (chat) await advanceDelivery(tx, chat, from, to, state);
      }),
    ),
  );
}

async function recordAccount(transactions: Transactions, account: Account, done: readonly DueEntry[]): Promise<void> {
  const last = done.findLast(({ entry }) => entry.kind === 'account.provision' || entry.kind === 'account.remove');
  if (!last) return;
  const state = last.entry.kind === 'account.provision' ? 'ready' : 'removed';
  await transactions.shared({ chats: [] }, async (tx) => tx.accounts.setState(account.id, state));
}

async function recordRooms(transactions: Transactions, done: readonly DueEntry[]): Promise<void> {
  const made = done.flatMap(({ entry }) => (entry.kind === 'room.make' ? entry.room : []));
  for (let i = 0; i < made.length; i += ROOMS_AT_ONCE)
    await transactions.alone((tx) => roomsMade(tx, made.slice(i, i + ROOMS_AT_ONCE)));
}

/** Messages of visitors among what is given up: nobody tries them again, unless a person does. */
export function recordGivenUp(transactions: Transactions): (dead: readonly GivenUp[]) => Promise<void> {
  return async (dead) => {
    await Promise.all(
      dead.map(async ({ entry: { entry } }) => {
        const about = entry.kind === 'xmpp.message' && entry.track ? parseStanzaId(entry.id) : null;
        if (about) await recordFailure(transactions, about);
      }),
    );
  };
}

async function recordFailure(
  transactions: Transactions,
  { chatId, number, operatorId }: { chatId: number; number: number; operatorId: number },
): Promise<void> {
  await transactions.shared({ chats: [chatId] }, async (tx) => {
    const chat = await tx.chats.lock(chatId);
    if (chat) await failDelivery(tx, chat, number, operatorId);
  });
}

/** A message of the visitor came back from the operator's side: if that makes it fail, its operator is told once it can be. */
export function recordBounce(transactions: Transactions): (account: Account, messageId: string) => Promise<void> {
  return async (account, messageId) => {
    const inRoom = parseRoomStanzaId(messageId);
    if (inRoom) return saidOutside(transactions, account, inRoom);
    const about = parseStanzaId(messageId);
    if (!about) return;
    await transactions.shared({ chats: [about.chatId] }, async (tx) => {
      const chat = await tx.chats.lock(about.chatId);
      // Ids are guessable: only what the chat's own contact had sent can come back to it.
      if (chat?.accountId !== account.id) return;
      const failed = await failDelivery(tx, chat, about.number, about.operatorId);
      if (failed) await notifyOwner(tx, chat, { key: 'bounced' });
    });
  };
}

/** The room didn't have the account in it: it enters again, and says it again. */
async function saidOutside(
  transactions: Transactions,
  account: Account,
  { chatId, number, tries }: { chatId: number; number: number; tries: number },
): Promise<void> {
  await transactions.shared({ chats: [chatId] }, async (tx) => {
    const chat = await tx.chats.lock(chatId);
    if (chat?.accountId !== account.id) return;
    const [message] = await tx.messages.list(chatId, number - 1, 1);
    const again = message?.number === number && (await sayAgain(tx, chat, message, tries + 1));
    if (!again) await notifyOwner(tx, chat, { key: 'bounced' });
  });
}
