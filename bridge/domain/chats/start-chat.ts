import type { Tx } from '../ports.js';
import type { Desk, Instance } from '../instances/instance.js';
import { takeFromPool, type AccountPool } from '../accounts/account-pool.js';
import type { Account } from '../accounts/account.js';
import type { Answered } from '../desks/question.js';
import { createChatAccount, ensureVisitorAccount } from '../accounts/ensure-account.js';
import { refuseBanned, type Client } from '../bans/ban.js';
import { chatHappened } from '../happenings.js';
import { checkOpen } from '../queue/opening.js';
import { chatData, chatLane } from '../helpdesk-events.js';
import { admit } from '../hours/admission.js';
import type { Wants } from '../queue/fit.js';
import type { Rule, VisitorFacts } from '../routing/rule.js';
import { factsOf, type Wishes } from '../routing/facts.js';
import { rosterName, type Visitor } from '../visitors/visitor.js';
import { FoyerError } from '../../shared/errors.js';
import { isOpen, type Chat } from './chat.js';

export interface StartChat {
  instance: Instance;
  desk: Desk;
  /** Locked. */
  visitor: Visitor;
  initiator: 'visitor' | 'helpdesk';
  /** A visitor that was never seen on a page gets an account for this chat alone. */
  knownVisitor: boolean;
  /** Where the page is. */
  client?: Client;
  wishes?: Wishes;
  /** To the desk's questions, already checked. */
  answered?: Pick<Answered, 'answers' | 'departmentId'>;
}

/**
 * Opens a chat, or gives the one that the visitor has open already: a visitor talks in one chat at a time.
 * @throws FoyerError `banned` | `desk_inactive` | `desk_closed`, with the reason `no_account_free` where all accounts of the desk's pool are used, and to a page
 * where the instance has as many chats as it may; to a helpdesk that is `limit_reached`
 */
export async function startChat(
  tx: Tx,
  { instance, desk, visitor, initiator, knownVisitor, client, wishes, answered }: StartChat,
): Promise<{ chat: Chat; created: boolean }> {
  const open = visitor.openChatId === null ? undefined : await tx.chats.lock(visitor.openChatId);
  if (open && isOpen(open)) return { chat: open, created: false };
  await refuseBanned(tx, { instanceId: instance.id, deskId: desk.id, visitorId: visitor.id, client });
  await checkLimits(tx, instance, initiator);
  const topic = answered?.departmentId ?? null;
  const named = topic === null ? undefined : await tx.desks.department(instance.id, topic);
  const facts = factsOf(visitor, { ...wishes, department: named?.name ?? wishes?.department });
  const { departmentId, rule } = await admit(tx, { ...desk, departmentId: named?.id ?? desk.departmentId }, facts);
  await checkOpen(tx, instance.id, departmentId);
  const pooled = desk.pool && (await takeFromPool(tx, desk, visitor));
  const noContact = desk.pool !== null && !pooled;
  const account = noContact
    ? await serviceFor(tx, instance, desk.pool)
    : (pooled ?? (knownVisitor ? await ensureVisitorAccount(tx, instance, visitor) : undefined));
  const chat = await tx.chats.create({
    instanceId: instance.id,
    visitorId: visitor.id,
    accountId: account?.id ?? 0,
    deskId: desk.id,
    departmentId,
    state: 'waiting',
    initiator,
    operatorId: null,
    noContact,
    answers: answered?.answers ?? [],
  });
  if (!account) chat.accountId = (await createChatAccount(tx, instance, chat.id, rosterName(visitor))).id;
  chat.wants = wantsFor(rule, facts);
  if (client) tx.chats.setOpener(chat.id, client.digests[0]);
  visitor.openChatId = chat.id;
  visitor.lastChatId = chat.id;
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatStarted', chat);
  tx.outbox.toHelpdesk(instance, chatLane(chat), 'chat.started', await chatData(tx, chat));
  return { chat, created: true };
}

/** The service account stands for a chat that waits for a contact. @throws FoyerError `desk_closed` */
async function serviceFor(tx: Tx, { host }: Instance, pool: AccountPool): Promise<Account> {
  const service = pool.whenUsedUp === 'queue' ? await tx.accounts.service(host) : undefined;
  if (service) return service;
  const reason = 'no_account_free';
  throw new FoyerError('desk_closed', 'No contact is free for another chat now.', { reason });
}

/** Languages that count: browsers ask for a handful. */
const LANGUAGES = 5;

function wantsFor(rule: Rule | null, { languages }: VisitorFacts): string | null {
  const { required, preferred } = rule?.skills ?? { required: [], preferred: [] };
  if (required.length + preferred.length + languages.length === 0) return null;
  return JSON.stringify({ skills: required, preferred, languages: languages.slice(0, LANGUAGES) } satisfies Wants);
}

async function checkLimits(tx: Tx, { id, limits }: Instance, initiator: StartChat['initiator']): Promise<void> {
  for (const what of ['openChats', 'chatsPerDay'] as const) {
    const most = limits[what];
    if (most === null || (await tx.instances.count(id, what, most)) < most) continue;
    // What a page can do is offer to leave a message.
    throw initiator === 'visitor'
      ? new FoyerError('desk_closed', 'The desk takes no more chats now.')
      : new FoyerError('limit_reached', `The instance may have ${most} chats (${what}).`);
  }
}
