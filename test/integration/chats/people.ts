import type { Account } from '../../../bridge/domain/accounts/account.js';
import { ensureVisitorAccount } from '../../../bridge/domain/accounts/ensure-account.js';
import type { Chat } from '../../../bridge/domain/chats/chat.js';
import type { OperatorMessage } from '../../../bridge/domain/chats/post-operator-message.js';
import { createOperator } from '../../../bridge/domain/operators/create-operator.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import { recordPresence } from '../../../bridge/domain/operators/record-presence.js';
import type { OutboxEntry } from '../../../bridge/domain/outbox/entry.js';
import type { Tx } from '../../../bridge/domain/ports.js';
import type { Visitor } from '../../../bridge/domain/visitors/visitor.js';
import type { Store } from '../storage/store.js';

export const LIMITS = { messageBytes: 1_000, chatBytes: 10_000 };

/** An operator of the department Support, or of those that are named; online. */
export async function addOperator(store: Store, username: string, departmentIds: number[] = [1]): Promise<Operator> {
  return store.transactions.alone(async (tx) => {
    const operator = await createOperator(tx, await tx.instances.get(1), new Set(), {
      ...{ username, name: username.slice(0, 1).toUpperCase() + username.slice(1) },
      ...{ password: 'secret', maxChats: 4, departmentIds },
    });
    await recordPresence(tx, operator, { show: 'available', status: '', priority: 0, resources: 1 }, tx.now);
    return operator;
  });
}

/** A visitor without desk, who looks at a page now. */
export async function addVisitor(store: Store): Promise<{ visitor: Visitor; account: Account }> {
  return store.transactions.alone(async (tx) => {
    const visitor = await tx.visitors.create({ instanceId: 1, deskId: null, externalId: null });
    visitor.online = true;
    const account = await ensureVisitorAccount(tx, await tx.instances.get(1), visitor);
    return { visitor: { ...visitor }, account };
  });
}

/** Works on a chat under its lock. */
export function withChat<T>(store: Store, id: number, work: (tx: Tx, chat: Chat) => Promise<T>): Promise<T> {
  return store.transactions.alone(async (tx) => {
    const chat = await tx.chats.lock(id);
    if (!chat) throw new Error(`There is no chat ${id}`);
    return work(tx, chat);
  });
}

/** What an operator's client sends, as far as it matters here. */
export function said(text: string, more: Partial<OperatorMessage> = {}): OperatorMessage {
  return {
    text,
    senderKey: `x:${text}`,
    stanzaId: '',
    writtenAt: new Date(),
    receiptRequested: false,
    markable: false,
    ...more,
  };
}

/** Everything that leaves, in order. */
export async function leaving(store: Store): Promise<OutboxEntry[]> {
  const found = await store.select('SELECT entry FROM outbox ORDER BY id');
  return found.map((row) => JSON.parse(row['entry'] as string) as OutboxEntry);
}

/** What operators are sent as messages, in order. */
export async function bodies(store: Store): Promise<string[]> {
  return (await leaving(store)).flatMap((entry) => (entry.kind === 'xmpp.message' ? [entry.body] : []));
}
