import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { say, type Text } from '../texts/say.js';
import type { Chat } from './chat.js';

/** Who reads a notice; of an instance, where that is known. */
export type Reader = Pick<Operator, 'jid' | 'language'> & { readonly instanceId?: number };

/** Somebody whom Foyer doesn't know, or only by its account. */
export function stranger(jid: string, account?: { instanceId: number }): Reader {
  return { jid, language: 'en', ...(account === undefined ? {} : { instanceId: account.instanceId }) };
}

/**
 * Says what Foyer itself has to say, in the window of the chat's contact.
 * @param more lines behind it, which people wrote
 */
export function notifyOperator(
  tx: Tx,
  account: { id: number; instanceId: number },
  reader: Reader,
  notice: Text,
  chat?: Chat,
  more?: string,
): void {
  const body = [`[${chat ? `Chat ${chat.number}` : 'Foyer'}] ${say(reader.language, notice)}`, more].join('\n').trim();
  // The service account speaks to all instances of its host: what it says is still this reader's.
  const lane = { id: account.id, instanceId: reader.instanceId ?? account.instanceId };
  tx.outbox.toAccount(lane, { kind: 'xmpp.message', to: reader.jid, id: `foyer-notice.${tx.newId()}`, body });
}

/** What is about no chat, in the window of the service account. */
export async function tellByService(tx: Tx, operator: Operator, notice: Text): Promise<void> {
  const { host } = await tx.instances.get(operator.instanceId);
  const service = await tx.accounts.service(host);
  if (service) notifyOperator(tx, service, operator, notice);
}

/** Name of whoever answers the chat: its owner, or who holds it in the helpdesk. */
export async function answererOf(tx: Tx, chat: Chat): Promise<string | undefined> {
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  return owner?.name ?? chat.heldBy ?? undefined;
}

/** Who has the chat in an XMPP client: its owner, or while it has none all who were shown it. */
export async function readersOf(tx: Tx, chat: Chat): Promise<Operator[]> {
  const participants = chat.operatorId === null ? await tx.chats.participants(chat.id) : [];
  const shown = participants.filter(({ role }) => role === 'offered').map(({ operatorId }) => operatorId);
  const readers = [];
  for (const id of chat.operatorId === null ? shown : [chat.operatorId]) {
    const reader = await tx.operators.get(id);
    if (reader && !reader.disabled) readers.push(reader);
  }
  return readers;
}

/** To the chat's owner, if it has one. */
export async function notifyOwner(tx: Tx, chat: Chat, notice: Text): Promise<void> {
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  if (owner) notifyAboutChat(tx, chat, owner, notice);
}

export function notifyAboutChat(tx: Tx, chat: Chat, operator: Reader, notice: Text, more?: string): void {
  notifyOperator(tx, { id: chat.accountId, instanceId: chat.instanceId }, operator, notice, chat, more);
}
