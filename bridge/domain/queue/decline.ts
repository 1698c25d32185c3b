import type { Chat } from '../chats/chat.js';
import { notifyOwner } from '../chats/notify-operator.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { endOffer } from './give.js';

/**
 * The operator doesn't want a chat that it is offered, and isn't asked about it again until somebody else has had it. The chat must be locked.
 * @returns false when it isn't offered to this operator
 */
export async function declineChat(tx: Tx, chat: Chat, operator: Operator): Promise<boolean> {
  const offers = await tx.queue.openOffers([chat.id]);
  const offer = offers.find(({ operatorId }) => operatorId === operator.id);
  if (!offer) return false;
  await endOffer(tx, chat, offer, 'declined');
  if (offer.kind === 'transfer')
    await notifyOwner(tx, chat, { key: 'transfer_declined', values: { name: operator.name } });
  return true;
}
