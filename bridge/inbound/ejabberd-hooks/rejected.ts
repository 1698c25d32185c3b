import { z } from 'zod';
import type { Account } from '../../domain/accounts/account.js';
import { notifyOperator, stranger } from '../../domain/chats/notify-operator.js';
import type { Tx } from '../../domain/ports.js';
import { FoyerError } from '../../shared/errors.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import { hookEvent, jid } from './events.js';
import { routeEvent, type EventContext } from './route-event.js';

/** As much of a message as can be told of one that may be malformed. */
const wrote = z
  .object({
    kind: z.literal('message'),
    from: jid,
    to: jid,
    body: z.string().optional(),
    encrypted: z.unknown().optional(),
  })
  .refine(({ body, encrypted }) => body !== undefined || encrypted !== undefined);

/**
 * Tells the author of a message that couldn't be taken. The service account says it: the contact may belong to operators of another instance, whom it
 * alone reaches.
 */
export async function tellAuthor(tx: Tx, { host, serviceLocal }: EventContext, raw: unknown): Promise<void> {
  const message = wrote.safeParse(raw);
  const service = message.success ? await tx.accounts.byJid(host, serviceLocal) : undefined;
  if (!message.success || !service) return;
  const { from, to } = message.data;
  notifyOperator(tx, service, stranger(bareJid(from), await accountOf(tx, from)), {
    key: 'not_taken',
    values: { contact: bareJid(to) },
  });
}

/** What in an event names an account, whoever speaks first. */
const NAMES = ['from', 'operator', 'jid', 'to'] as const;

/** Whose operator, contact or room it is about, as far as that can be read; 0: nobody's that is known. */
export async function instanceOfEvent(tx: Tx, raw: unknown): Promise<number> {
  const said = (raw ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: string) => jid.safeParse(said[name]).data ?? '';
  for (const name of NAMES) {
    const account = await accountOf(tx, text(name));
    if (account && account.kind !== 'service') return account.instanceId;
  }
  const room = splitJid(text('room'));
  return (await tx.rooms.byJid(room.host, room.local))?.instanceId ?? 0;
}

async function accountOf(tx: Tx, name: string): Promise<Account | undefined> {
  const { host, local } = splitJid(name);
  return tx.accounts.byJid(host, local);
}

/**
 * Gives a rejected event to its use case again, and forgets it.
 * @param instanceId whose it must be; null: anybody's
 * @throws FoyerError `not_found` | why it is refused again: then it is kept
 */
export async function retryRejected(
  tx: Tx,
  context: Omit<EventContext, 'host'>,
  id: string,
  instanceId: number | null,
): Promise<void> {
  const rejected = await tx.receipts.takeRejected(id, instanceId);
  if (!rejected) throw new FoyerError('not_found', 'There is no such event.');
  const event = hookEvent.safeParse(rejected.event);
  if (!event.success) throw new FoyerError('invalid_request', 'The event can’t be read.');
  await routeEvent(tx, { ...context, host: rejected.host }, event.data);
}
